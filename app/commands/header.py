"""`taglake header`: everything in one header, as a tree or as the DICOM JSON Model.

A file is shown in full, since whoever can open it has it. From a databank the identifying elements
stay out unless they are asked for.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.options import Databank, Identifiers, Output, chosen
from app.commands.output import opened
from app.terminal import counted, fail, notice, sentences
from ingest.exits import Exit
from ingest.visible import visible

if TYPE_CHECKING:
    from ingest.describe import Element

MOST_CHARACTERS = 300
"""Of a value on a terminal; elsewhere values are whole."""


def command(
    source: Annotated[str, typer.Argument(metavar="[PATH|SOPINSTANCEUID]")] = "",
    databank: Databank = "",
    identifiers: Identifiers = False,
    as_json: Annotated[bool, typer.Option("--json", help="DICOM JSON Model (PS3.18 F.2).")] = False,
    study: Annotated[
        str, typer.Option(metavar="UID", help="All instances of a study, with --json.")
    ] = "",
    output: Output = None,
) -> None:
    """All elements of a file, of an instance or of a study."""
    with sentences():
        if bool(source) == bool(study):
            raise fail("Name a file, an instance, or a study with --study; one of them.")
        if study:
            _study(study, databank, identifiers, as_json, output)
            return
        most = MOST_CHARACTERS if output is None and sys.stdout.isatty() else sys.maxsize
        with opened(output) as file:
            for text in _lines(source, databank, identifiers, as_json, most):
                file.write(text.encode("utf-8", "backslashreplace") + b"\n")


def _study(uid: str, databank: str, identifiers: bool, as_json: bool, output: Path | None) -> None:
    from app.dicom_json import write_study
    from app.lake import open_lake

    if not as_json:
        raise fail("A study is given as --json only.")
    with open_lake(chosen(databank), identifiers) as lake:
        known = lake.query("SELECT 1 FROM studies WHERE StudyInstanceUID = ?", [uid])
        if known.is_empty():
            raise fail("The databank has no such study.")
        with opened(output) as file:
            written = write_study(lake, uid, file)
    shown = "" if identifiers else ", without identifying elements (--identifiers)"
    notice(f"{counted(written, 'instance')}{shown}.")


def _lines(
    source: str, databank: str, identifiers: bool, as_json: bool, most: int
) -> Iterator[str]:
    """The header of a file or of an instance, as a tree or as JSON."""
    if os.path.exists(source):
        elements = _of_file(source)
    elif re.fullmatch(r"[0-9.]{3,64}", source):
        elements = _of_instance(source, databank, identifiers)
    else:
        raise fail("There is no such file, and it is not a UID.", Exit.UNREACHABLE)
    if as_json:
        from app.dicom_json import data_set

        yield json.dumps(data_set(elements), indent=1, ensure_ascii=False)
    else:
        yield from tree(elements, most)


def _of_file(path: str) -> Sequence[Element]:
    from ingest.describe import describe

    if os.path.isdir(path):
        raise fail("That is a folder; `taglake metadata` reads all files of one.")
    described = describe(path)
    if described.status != "ok":
        unread = not os.access(path, os.R_OK)
        raise fail(
            f"{described.status}: {described.reason}.", Exit.UNREACHABLE if unread else Exit.NOTHING
        )
    return described.elements


def _of_instance(uid: str, databank: str, identifiers: bool) -> Sequence[Element]:
    from app.elements import of_instance
    from app.lake import open_lake

    with open_lake(chosen(databank), identifiers) as lake:
        elements = of_instance(lake, uid)
    if not elements:
        raise fail("The databank has no such instance.")
    if not identifiers:
        notice("Without identifying elements; --identifiers shows them.")
    return elements


def tree(elements: Iterable[Element], most: int) -> Iterator[str]:
    """One line an element, indented by sequence; values are cut at `most` characters."""
    from app.elements import place

    item: tuple[object, ...] = ()
    for element in elements:
        steps, field = place(element.path)
        depth = 2 * (len(steps) - 1)
        if steps[:-1] and steps[:-1] != item:
            yield f"{'  ' * (depth - 1)}item {(steps[-2].item or 0) + 1}"
        item = steps[:-1]
        if field is None:
            yield "  " * depth + line(element, most)
        else:
            yield "  " * (depth + 1) + f"/{visible(field)} {element.vr} {_value(element, most)}"


def line(element: Element, most: int) -> str:
    """`(0018,0081) DS EchoTime = 4.5`; private elements with their creator in brackets."""
    creator = f"[{visible(element.creator)}] " if element.creator else ""
    name = visible(element.keyword or element.name or "")
    tag = f"({element.tag[:4]},{element.tag[4:]})"
    return f"{tag} {element.vr} {creator}{name + ' ' if name else ''}{_value(element, most)}"


def _value(element: Element, most: int) -> str:
    if element.vr == "SQ":
        return counted(int(element.number or 0), "item")
    told = []
    if element.text:
        text = visible(element.text[:most])
        more = len(element.text) - most
        told.append(f"= {text}" + (f"… and {more:,} characters" if more > 0 else ""))
    if element.byte_length is not None:
        told.append(f"{element.byte_length:,} bytes")
    if element.sha256:
        told.append(f"sha256 {element.sha256[:16]}")
    return ", ".join(told) or "(empty)"
