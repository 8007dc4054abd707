"""`taglake databanks`: which there are, and making, finding, renaming and deleting one."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from app.terminal import fail, notice, sentences
from ingest.visible import visible

app = typer.Typer(
    help="List, create, rename, delete and find databanks.", invoke_without_command=True
)
Name = Annotated[str, typer.Argument(metavar="NAME|PATH", help="A name, or the path of a folder.")]


@app.callback()
def _default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_()


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="As a JSON array.")] = False,
) -> None:
    """The databanks of this home, with what is in them."""
    from ingest.lake import databank

    with sentences():
        rows = [_described(databank.path_of(name)) for name in databank.names()]
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    if not rows:
        notice(
            f"No databank in {databank.home()} yet: `taglake ingest` or `taglake demo` makes one."
        )
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("databank", "version", "batches", "size"):
        table.add_column(title, justify="left" if title == "databank" else "right")
    for row in rows:
        size = f"{row['bytes'] / 1e6:,.1f} MB"
        known = ["–" if row[name] is None else str(row[name]) for name in ("version", "batches")]
        table.add_row(visible(row["name"]), *known, size)
    Console(highlight=False, soft_wrap=True).print(table)
    for row in rows:
        if row["error"]:
            notice(f"{row['name']}: {row['error']}")


@app.command()
def create(name: Name) -> None:
    """Make an empty databank."""
    from ingest.lake import databank

    with sentences():
        root = databank.path_of(name)
        if databank.exists(root):
            notice("It was there already.")
        databank.create(root)
        print(root)


@app.command()
def path(name: Name) -> None:
    """The folder of a databank, whether or not it is there."""
    from ingest.lake import databank

    with sentences():
        print(databank.path_of(name))


@app.command()
def rename(
    name: Name,
    new: Annotated[str, typer.Argument(metavar="NEW", help="The new name, in the same folder.")],
) -> None:
    """Give a databank another name.

    Refused while something is read into it.
    """
    from app import databanks
    from ingest.lake import databank

    with sentences():
        root = databank.path_of(name)
        print(databanks.rename(root, new))
        notice("Renamed. Ended jobs and uploads follow; scripts with the old name do not.")


@app.command()
def delete(
    name: Name, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
) -> None:
    """Delete a databank with all that was read into it.

    What was uploaded into it goes, too; other sources are not touched.
    """
    from app import databanks
    from ingest.lake import databank
    from ingest.lake.errors import DatabankNotFound

    with sentences():
        root = databank.path_of(name)
        if not databank.exists(root):
            raise DatabankNotFound(f"There is no databank {name}.")
        if not yes and not sys.stdin.isatty():
            raise fail("Deleting needs --yes where nobody can be asked.")
        if not yes and not typer.confirm(f"Delete {root} for good?", err=True):
            raise fail("Nothing was deleted.")
        databanks.delete(root)
        notice("Deleted.")


def _described(root: Path) -> dict[str, Any]:
    """Name, path, version, number of batches and size in bytes; or why they cannot be read."""
    from ingest.lake import snapshot
    from ingest.lake.errors import LakeError

    version = batches = trouble = None
    try:
        state = snapshot.read(root)
        version, batches = state.version, len(state.batches)
    except LakeError as error:
        trouble = str(error)
    return {
        "name": root.name, "path": str(root), "version": version, "batches": batches,
        "bytes": _size(root), "error": trouble,
    }  # fmt: skip


def _size(root: Path) -> int:
    """Bytes of all files of a databank; a writer may remove some meanwhile."""
    size = 0
    for folder, _, names in os.walk(root):
        for name in names:
            with suppress(OSError):
                size += os.lstat(os.path.join(folder, name)).st_size
    return size
