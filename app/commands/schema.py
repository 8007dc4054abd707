"""`taglake schema`: every table and column, as the schema declares them."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from app.terminal import fail, sentences


def command(
    table: Annotated[str, typer.Argument(metavar="[TABLE]", help="Only this one.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with everything.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="As data/DICTIONARY.md.")] = False,
) -> None:
    """Tables and columns of a databank: meaning, unit and source."""
    with sentences():
        from ingest.schema import TABLES, dictionary

        if table and table not in TABLES:
            raise fail(f"There is no table {table}. There are: {', '.join(TABLES)}.")
        tables = [TABLES[table]] if table else list(TABLES.values())
        if as_json:
            print(json.dumps([dictionary.record(one) for one in tables], indent=1))
        elif as_markdown:
            print(dictionary.markdown(tables), end="")
        else:
            _show([dictionary.record(one) for one in tables])


def _show(tables: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(markup=False, highlight=False, emoji=False)
    for one in tables:
        console.print(f"{one['name']}: one row per {one['row']}", style="bold")
        rows = Table(box=None, pad_edge=False, padding=(0, 2, 0, 2), show_header=False)
        for column in one["columns"]:
            unit = f" [{column['unit']}]" if column["unit"] else ""
            hidden = " (identifies)" if column["phi"] else ""
            rows.add_row(column["name"], column["type"], column["description"] + unit + hidden)
        console.print(rows)
