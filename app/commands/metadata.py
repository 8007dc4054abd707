"""`taglake metadata`: a JSON line for every file of a source, without making a databank.

A line is {uri, size, status, reason, elements}; `elements` goes from the path of an element to its
vr, keyword or (private) name and creator, and text, number, byte_length and sha256, each only where
there is one. These are the columns of the table elements, so nothing that a databank would hold is
missing; `taglake header --json` gives the DICOM JSON Model instead.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from app.commands.options import Output
from app.commands.output import opened
from app.terminal import counted, notice, sentences
from ingest import job
from ingest.exits import Exit

if TYPE_CHECKING:
    from ingest.describe import Descriptions


def command(
    source: job.Sources,
    output: Output = None,
    max_members: job.MaxMembers = job.LIMITS.max_members,
    max_bytes: job.MaxBytes = job.LIMITS.max_bytes,
    max_ratio: job.MaxRatio = job.LIMITS.max_ratio,
    max_depth: job.MaxDepth = job.LIMITS.max_depth,
) -> None:
    """The headers of all files of a source, as JSON lines."""
    counts: Counter[str] = Counter()
    with sentences():
        from ingest.describe import describe_source

        limits = job.limits(max_members, max_bytes, max_ratio, max_depth)
        with opened(output) as file:

            def write(found: Descriptions) -> None:
                counts.update(row.status for row in found.files)
                file.writelines(_lines(found))

            for one in source:
                describe_source(one, limits, write)
    told = ", ".join(f"{count:,} {status}" for status, count in sorted(counts.items()))
    notice(f"{counted(counts.total(), 'file')}{': ' + told if told else ''}.")
    if not counts["ok"]:
        raise typer.Exit(Exit.NOTHING)


def _lines(found: Descriptions) -> Iterator[bytes]:
    """The line of each file. An element that many files have is put into words once."""
    names = found.rows.columns
    paths = found.rows["path"].to_list()
    written = [_written(dict(zip(names, row, strict=True))) for row in found.rows.iter_rows()]
    for file, rows in zip(found.files, found.elements, strict=True):
        # of two elements of one path the later one counts, as in any JSON object
        elements = {paths[row]: written[row] for row in rows.tolist()}
        what = {"uri": file.uri, "size": file.size, "status": file.status, "reason": file.reason}
        start = json.dumps(what)[:-1]
        yield f'{start}, "elements": {{{", ".join(elements.values())}}}}}\n'.encode()


def _written(element: dict[str, Any]) -> str:
    """An element as a member of a JSON object."""
    path = element.pop("path")
    del element["tag"]
    if element["keyword"] is not None:
        del element["name"]
    known = {name: value for name, value in element.items() if value is not None}
    return f"{json.dumps(path)}: {json.dumps(known)}"
