"""Options that several commands share, and the databank they mean."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

DATABANK = "TAGLAKE_DATABANK"
"""Environment variable with the databank to use where no option names one."""

Databank = Annotated[
    str,
    typer.Option("--databank", "-d", metavar="NAME|PATH", help="Which one, if there are several."),
]
Identifiers = Annotated[
    bool, typer.Option("--identifiers", help="Show names, IDs, paths and the like.")
]


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
