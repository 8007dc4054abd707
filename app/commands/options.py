"""Options that several commands share, and the databank they mean."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from app.terminal import fail

DATABANK = "TAGLAKE_DATABANK"
"""Environment variable with the databank to use where no option names one."""

Databank = Annotated[
    str,
    typer.Option("--databank", "-d", metavar="NAME|PATH", help="Which one, if there are several."),
]
Identifiers = Annotated[
    bool, typer.Option("--identifiers", help="Show names, IDs, paths and the like.")
]
Filter = Annotated[
    list[str] | None,
    typer.Option("--filter", metavar="KEY=VALUE", help="As in the app's address: modality=MR."),
]
Search = Annotated[str, typer.Option("--search", metavar="TEXT", help="As in the app's search.")]
Columns = Annotated[
    str, typer.Option("--columns", metavar="A,B,...", help="Only these, so ordered.")
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Instead of stdout.")
]
Deidentify = Annotated[
    bool, typer.Option("--deidentify", help="Without identity, by PS3.15 Annex E.")
]
ShiftDates = Annotated[
    bool, typer.Option("--shift-dates", help="Then move dates, patient by patient.")
]


def only(what: str, example: str) -> Any:
    """The option --where, of a command that chooses among `what`."""
    return typer.Option("--where", metavar="SQL", help=f'Only {what} with this: "{example}".')


WhereSeries = Annotated[str, only("series", "EchoTime > 80")]


def check_dates(deidentify: bool, shift_dates: bool) -> None:
    """Raise typer.Exit, said, where dates would move beside names that stay."""
    if shift_dates and not deidentify:
        raise fail("--shift-dates goes with --deidentify.")


def chosen(databank: str) -> Path:
    """The folder of the databank that is meant: by name or path, by environment, or the only one.

    Raises DatabankNotFound, with the names there are.
    """
    from ingest.lake import databank as databanks
    from ingest.lake.errors import DatabankNotFound

    name = databank or os.environ.get(DATABANK, "")
    if name:
        root = databanks.path_of(name)
        if not databanks.exists(root):
            raise DatabankNotFound(f"There is no databank {name}. {_there_are()}")
        return root
    names = databanks.names()
    if len(names) == 1:
        return databanks.path_of(names[0])
    raise DatabankNotFound(f"Say which databank with --databank. {_there_are()}")


def _there_are() -> str:
    from ingest.lake import databank as databanks

    names = databanks.names()
    if not names:
        return "There is none yet: `taglake ingest` or `taglake demo` makes one."
    return f"There are: {', '.join(names)}."
