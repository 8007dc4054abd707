"""A condition that a person typed, for ``WHERE``: one expression over the columns of a table.

DuckDB's own parser decides where it ends, so it can't close a bracket and go on as another
statement; then it is held against the same list as every statement that a person types.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb

from app.errors import StatementRefused
from app.statement import check_statement
from ingest.lake.session import without_tables
from ingest.schema import TABLES

IDENTIFYING = {
    column.name.casefold()
    for table in TABLES.values()
    for column in table.columns
    if column.phi and table.name != "containers"  # all its columns are, also those like size
}


def checked(text: str, identifiers: bool) -> str:
    """The condition as DuckDB writes it; StatementRefused says why it can't be used.

    Without ``identifiers`` no identifying column may be named: it would be NULL, and a condition
    on it would quietly leave no rows.
    """
    try:
        condition = str(duckdb.SQLExpression(text))
    except duckdb.Error:
        raise StatementRefused(
            "The condition is not one SQL condition, such as: Modality = 'CT' AND n_instances > 9."
        ) from None
    statement = check_statement(f"SELECT 1 WHERE ({condition})")
    if not identifiers:
        hidden = sorted({name for name in _columns(statement) if name.casefold() in IDENTIFYING})
        if hidden:
            raise StatementRefused(
                f"{', '.join(hidden)} identifies somebody: a condition on it needs identifiers "
                "to be shown (--identifiers)."
            )
    return condition


def _columns(statement: str) -> Iterator[str]:
    """The names of columns anywhere in a statement."""
    with without_tables() as connection:
        row = connection.execute("SELECT json_serialize_sql(?)", [statement]).fetchone()
    stack: list[Any] = [json.loads(row[0])] if row else []
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            if value.get("type") == "COLUMN_REF":
                yield from value.get("column_names", [])
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
