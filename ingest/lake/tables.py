"""The tables of one databank: those of the schema, with what its ``columns.toml`` adds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ingest.lake.errors import ColumnsInvalid
from ingest.schema import Table, promoted

Tables = Mapping[str, Table]


def tables_of(root: Path) -> Tables:
    """The tables of the databank at ``root``; raises ColumnsInvalid."""
    try:
        return promoted.tables(root)
    except promoted.InvalidColumns as error:
        raise ColumnsInvalid(str(error)) from error
