"""`taglake metadata`: a JSON line for every file of a source, without making a databank.

A line is {uri, size, status, reason, elements}; `elements` goes from the path of an element to its
vr, keyword or (private) name and creator, and text, number, byte_length and sha256, each only where
there is one. These are the columns of the table elements, so nothing that a databank would hold is
missing; `taglake header --json` gives the DICOM JSON Model instead.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import typer

from app.commands.options import Output
from app.commands.output import opened
from app.terminal import counted, notice, sentences
from ingest import job
from ingest.exits import Exit

if TYPE_CHECKING:
    from ingest.describe import Described, Element


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
            for one in source:
                for described in describe_source(one, limits):
                    counts[described.status] += 1
                    file.write(json.dumps(_record(described)).encode() + b"\n")
    told = ", ".join(f"{count:,} {status}" for status, count in sorted(counts.items()))
    notice(f"{counted(counts.total(), 'file')}{': ' + told if told else ''}.")
    if not counts["ok"]:
        raise typer.Exit(Exit.NOTHING)


def _record(described: Described) -> dict[str, Any]:
    elements = {element.path: _fields(element) for element in described.elements}
    return {**described._asdict(), "elements": elements}


def _fields(element: Element) -> dict[str, Any]:
    values = element._asdict()
    del values["path"], values["tag"]
    if element.keyword is not None:
        del values["name"]
    return {name: value for name, value in values.items() if value is not None}
