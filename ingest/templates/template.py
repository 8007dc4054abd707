"""A template file: read, checked, and written again.

    {"description": "...", "modalities": ["MR"], "rows": "series", "include": ["common"],
     "columns": ["EchoTime", "(0018,0081)", "(2001,xx03) Philips Imaging DD 001", "b_value"]}

``rows`` is ``series`` (a row for every series) or ``instances`` (one for every image). All keys but
``columns`` may be left out. Everything in it was typed by somebody: it is bounded, and what is
wrong is told in sentences, all of them at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ingest.lake.errors import LakeError
from ingest.schema import Table
from ingest.templates.entry import Entry, EntryInvalid, entry, nearest

Rows = Literal["series", "instances"]

NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
MODALITY = re.compile(r"[A-Z0-9_ ]{1,16}")
MAX_BYTES = 1 << 16
MAX_COLUMNS = 500
KEYS = ("description", "modalities", "rows", "include", "columns")
MAX_DESCRIPTION = 500
SAID = 5
"""Sentences about wrong entries that are told at once."""


class TemplateInvalid(LakeError):
    """A template cannot be used; the message says what to change, ``name`` in which."""

    sentence = "The template cannot be used."

    def __init__(self, sentence: str, name: str = "") -> None:
        super().__init__(f"Template {name}: {sentence}" if name else sentence)
        self.name = name
        self.said = sentence


@dataclass(frozen=True)
class Template:
    """What a template file says; ``entries`` without those of the templates it includes."""

    name: str
    entries: tuple[Entry, ...]
    modalities: tuple[str, ...] = ()
    rows: Rows = "series"
    include: tuple[str, ...] = ()
    description: str = ""


def parse(name: str, content: bytes | str, tables: Mapping[str, Table]) -> Template:
    """The template in a file; raises TemplateInvalid."""
    if not NAME.fullmatch(name):
        raise TemplateInvalid(
            "A template's name has 1 to 32 small letters, digits, - and _, a letter first."
        )
    try:
        return _template(name, _loaded(content), tables)
    except _Wrong as error:
        raise TemplateInvalid(str(error), name) from None


def text(template: Template) -> str:
    """The file of a template, which reads as the same template."""
    content = {
        "description": template.description,
        "modalities": list(template.modalities),
        "rows": template.rows,
        "include": list(template.include),
        "columns": [one.name for one in template.entries],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


class _Wrong(ValueError):
    pass


def _loaded(content: bytes | str) -> dict[str, Any]:
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    if len(data) > MAX_BYTES:
        raise _Wrong(f"it is too large: a template has {MAX_BYTES // 1024} KiB at most.")
    if not data.strip():
        raise _Wrong("it is empty.")
    try:
        found = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_object)
    except _Wrong:
        raise
    except UnicodeDecodeError:
        raise _Wrong("it is not UTF-8 text.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _Wrong(f"it is not JSON: {error.msg} ({where}).") from None
    except (ValueError, RecursionError):  # a number of 5,000 digits; thousands of brackets
        raise _Wrong("it is not JSON that a template can be.") from None
    if not isinstance(found, dict):
        raise _Wrong('it must be an object: {"columns": [...]}.')
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [key for key, _ in pairs]
        twice = next(key for key in names if names.count(key) > 1)
        raise _Wrong(f"{_short(twice)} is there twice.")
    return made


def _template(name: str, content: dict[str, Any], tables: Mapping[str, Table]) -> Template:
    for key in content:
        if key not in KEYS:
            near = nearest(key, KEYS)
            meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(KEYS)}."
            raise _Wrong(f"{_short(key)} is not a key of a template; {meant}")
    description = content.get("description", "")
    if not isinstance(description, str) or len(description) > MAX_DESCRIPTION:
        raise _Wrong(f"description is a text of up to {MAX_DESCRIPTION} characters.")
    rows = content.get("rows", "series")
    if rows not in ("series", "instances"):
        raise _Wrong("rows is series or instances.")
    modalities = _texts(content, "modalities", [])
    for modality in modalities:
        if not MODALITY.fullmatch(modality):
            raise _Wrong(f"{_short(modality)} is not a modality: one is written as MR or CT.")
    include = _texts(content, "include", [])
    for other in include:
        if not NAME.fullmatch(other) or other == name:
            raise _Wrong(f"{_short(other)} is not the name of another template.")
    return Template(
        name, _entries(_texts(content, "columns", None), tables), tuple(modalities), rows,
        tuple(include), description,
    )  # fmt: skip


def _texts(content: dict[str, Any], key: str, default: list[str] | None) -> list[str]:
    found = content.get(key, default)
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise _Wrong(f'{key} must be a list of texts: ["...", "..."].')
    if len(found) > MAX_COLUMNS:
        raise _Wrong(f"{key} may have {MAX_COLUMNS} entries and no more.")
    if key != "columns" and len(set(found)) < len(found):
        raise _Wrong(f"{key} has an entry twice.")
    return found


def _entries(written: list[str], tables: Mapping[str, Table]) -> tuple[Entry, ...]:
    if not written:
        raise _Wrong("columns is empty: a template needs at least one.")
    wrong: list[str] = []
    made: dict[str, tuple[Entry, str]] = {}
    for one in written:
        try:
            found = entry(one, tables)
        except EntryInvalid as error:
            wrong.append(str(error))
            continue
        if found.name in made:
            before = made[found.name][1]
            as_what = "" if before == one else f", as {_short(before)} and {_short(one)}"
            wrong.append(f"{found.name} is there twice{as_what}.")
        else:
            made[found.name] = found, one
    if wrong:
        more = f" And {len(wrong) - SAID} more." if len(wrong) > SAID else ""
        raise _Wrong(" ".join(wrong[:SAID]) + more)
    return tuple(found for found, _ in made.values())


def _short(text: str) -> str:
    shown = "".join(letter if letter.isprintable() else "?" for letter in text)
    return shown if len(shown) <= 40 else f"{shown[:37]}..."
