"""`taglake check`: is a databank whole?"""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.options import Databank, chosen
from app.terminal import counted, notice, sentences
from ingest.exits import Exit
from ingest.visible import visible

if TYPE_CHECKING:
    from ingest.lake.check import Trouble

ADVICE = {
    "/batches/": "Put the files back from a copy of the databank. If there is none, delete it and "
    "ingest its sources.",
    "/derived/": "Derived tables can be made again: ingest one of the sources with --force.",
}
"""What to do about errors, by where they are; the first that fits counts."""


def command(
    databank: Databank = "",
    as_json: Annotated[bool, typer.Option("--json", help="As a JSON array.")] = False,
) -> None:
    """Verify a databank end to end: files, rows, keys and sums."""
    with sentences():
        from ingest.lake.check import check

        root = chosen(databank)
        notice(f"Checking {root}.")
        troubles = check(root)
    if as_json:
        print(json.dumps([_record(trouble) for trouble in troubles], indent=1))
    else:
        _show(troubles)
    errors = [trouble.where for trouble in troubles if trouble.severity == "error"]
    others = counted(len(troubles) - len(errors), "other remark")
    notice(f"{counted(len(errors), 'error')}, {others}.")
    for place, advice in ADVICE.items():
        if any(place in where for where in errors):
            notice(advice)
            break
    if errors:
        raise typer.Exit(Exit.NOTHING)


def _show(troubles: list[Trouble]) -> None:
    from rich.console import Console
    from rich.table import Table

    if not troubles:
        print("The databank is whole.")
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("severity")
    # a name is of use only if it is whole, and on one line
    table.add_column("where", min_width=max(len(visible(trouble.where)) for trouble in troubles))
    table.add_column("what is wrong")
    for trouble in troubles:
        table.add_row(trouble.severity, visible(trouble.where), visible(trouble.message))
    Console(markup=False, highlight=False, soft_wrap=True).print(table)


def _record(trouble: Trouble) -> dict[str, Any]:
    return asdict(trouble) if is_dataclass(trouble) else trouble._asdict()
