"""The schema as something to read: records for programs, Markdown for people.

`data/DICTIONARY.md` is this text, so what is documented is what is declared; a test compares them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ingest.schema.records import Column, Table
from ingest.schema.sql_types import type_name

INTRODUCTION = """\
# Dictionary of the lake

Every table and column of a databank. Made from the schema by `./taglake schema --markdown`: change
`ingest/schema/` and write this file anew.

Names in PascalCase are keywords of DICOM attributes, with values as DICOM defines them; names in
snake_case are Taglake's own, with the unit at the end. Columns marked **identifies** are stored
apart and are NULL unless identifiers are shown. A source lists where a value is looked for, best
first: `(0018,0081)` is an element, `(0054,0016)/(0018,1074)` one in the first item of a sequence,
`FG` a functional group of an enhanced object, `CSA` a field of a Siemens header.
"""

STORED = {
    "batch": "written by an ingest and never changed",
    "derived": "made by SQL from what was ingested",
    "view": "joined when it is asked for",
}

_TAG = re.compile(r"\b([0-9A-F]{4})([0-9A-F]{4})\b")


def record(table: Table) -> dict[str, Any]:
    """The declaration of a table as plain values for JSON."""
    return {
        "name": table.name,
        "row": table.row,
        "description": table.description,
        "key": list(table.key),
        "stored": table.stored,
        "columns": [
            {
                "name": column.name,
                "type": type_name(column.dtype),
                "description": column.description,
                "unit": column.unit,
                "source": list(column.source),
                "level": column.level,
                "aggregation": list(column.aggregation),
                "phi": column.phi,
                "stable": column.stable,
            }
            for column in table.columns
        ],
    }


def markdown(tables: Iterable[Table]) -> str:
    """The dictionary of these tables; ends with a newline."""
    tables = list(tables)
    lines = [INTRODUCTION, "| table | one row per | columns |", "|---|---|---|"]
    lines += [f"| [{t.name}](#{t.name}) | {t.row} | {len(t.columns)} |" for t in tables]
    for table in tables:
        lines += _section(table)
    return "\n".join(lines) + "\n"


def _section(table: Table) -> list[str]:
    key = f"Key: {', '.join(f'`{name}`' for name in table.key)}. " if table.key else ""
    return [
        "",
        f"## {table.name}",
        "",
        f"{table.description} {key}{STORED[table.stored].capitalize()}.",
        "",
        "| column | type | meaning | unit | source | in series as |",
        "|---|---|---|---|---|---|",
        *(_row(column, table) for column in table.columns),
    ]


def _row(column: Column, table: Table) -> str:
    meaning = _cell(column.description) + (" (**identifies**)" if column.phi else "")
    # Derived tables inherit the aggregation that made them; it leads to the series once only.
    aggregation = ", ".join(column.aggregation) if table.stored == "batch" else ""
    source = "; ".join(_cell(_TAG.sub(r"(\1,\2)", place)) for place in column.source)
    cells = (f"`{column.name}`", type_name(column.dtype), meaning, column.unit, source, aggregation)
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
