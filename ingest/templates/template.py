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
from ingest.templates.wrong import Wrong, wrong

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

    def __init__(self, *wrong: Wrong, name: str = "") -> None:
        said = " ".join(map(str, wrong))
        super().__init__(f"Template {name}: {said}" if name else said)
        self.name = name
        self.wrong = wrong


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
        raise TemplateInvalid(wrong("template_name"))
    try:
        return _template(name, _loaded(content), tables)
    except _Invalid as error:
        raise TemplateInvalid(*error.wrong, name=name) from None


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


class _Invalid(ValueError):
    def __init__(self, *wrong: Wrong) -> None:
        super().__init__()
        self.wrong = wrong


def _loaded(content: bytes | str) -> dict[str, Any]:
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    if len(data) > MAX_BYTES:
        raise _Invalid(wrong("too_large", most=MAX_BYTES // 1024))
    if not data.strip():
        raise _Invalid(wrong("empty"))
    try:
        found = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_object)
    except _Invalid:
        raise
    except UnicodeDecodeError:
        raise _Invalid(wrong("not_utf8")) from None
    except json.JSONDecodeError as error:
        raise _Invalid(
            wrong("not_json", detail=error.msg, line=error.lineno, column=error.colno)
        ) from None
    except (ValueError, RecursionError):  # a number of 5,000 digits; thousands of brackets
        raise _Invalid(wrong("odd_json")) from None
    if not isinstance(found, dict):
        raise _Invalid(wrong("not_object", example='{"columns": [...]}'))
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [key for key, _ in pairs]
        twice = next(key for key in names if names.count(key) > 1)
        raise _Invalid(wrong("key_twice", key=_short(twice)))
    return made


def _template(name: str, content: dict[str, Any], tables: Mapping[str, Table]) -> Template:
    for key in content:
        if key not in KEYS:
            near = nearest(key, KEYS)
            if near:
                raise _Invalid(wrong("unknown_key_near", key=_short(key), near=near[0]))
            raise _Invalid(wrong("unknown_key", key=_short(key), known=", ".join(KEYS)))
    description = content.get("description", "")
    if not isinstance(description, str) or len(description) > MAX_DESCRIPTION:
        raise _Invalid(wrong("description", most=MAX_DESCRIPTION))
    rows = content.get("rows", "series")
    if rows not in ("series", "instances"):
        raise _Invalid(wrong("rows"))
    modalities = _texts(content, "modalities", [])
    for modality in modalities:
        if not MODALITY.fullmatch(modality):
            raise _Invalid(wrong("modality", asked=_short(modality)))
    include = _texts(content, "include", [])
    for other in include:
        if not NAME.fullmatch(other) or other == name:
            raise _Invalid(wrong("include", asked=_short(other)))
    return Template(
        name, _entries(_texts(content, "columns", None), tables), tuple(modalities), rows,
        tuple(include), description,
    )  # fmt: skip


def _texts(content: dict[str, Any], key: str, default: list[str] | None) -> list[str]:
    found = content.get(key, default)
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise _Invalid(wrong("not_texts", key=key, example='["...", "..."]'))
    if len(found) > MAX_COLUMNS:
        raise _Invalid(wrong("too_many_entries", key=key, most=MAX_COLUMNS))
    if key != "columns" and len(set(found)) < len(found):
        raise _Invalid(wrong("entry_twice", key=key))
    return found


def _entries(written: list[str], tables: Mapping[str, Table]) -> tuple[Entry, ...]:
    if not written:
        raise _Invalid(wrong("no_columns"))
    found_wrong: list[Wrong] = []
    made: dict[str, tuple[Entry, str]] = {}
    for one in written:
        try:
            found = entry(one, tables)
        except EntryInvalid as error:
            found_wrong.append(error.wrong)
            continue
        if found.name in made:
            before = made[found.name][1]
            found_wrong.append(
                wrong("column_twice", name=found.name) if before == one else
                wrong("column_twice_as", name=found.name, one=_short(before), other=_short(one))
            )  # fmt: skip
        else:
            made[found.name] = found, one
    if found_wrong:
        left = len(found_wrong) - SAID
        more = [wrong("and_more", n=left)] if left > 0 else []
        raise _Invalid(*found_wrong[:SAID], *more)
    return tuple(found for found, _ in made.values())


def _short(text: str) -> str:
    shown = "".join(letter if letter.isprintable() else "?" for letter in text)
    return shown if len(shown) <= 40 else f"{shown[:37]}..."
