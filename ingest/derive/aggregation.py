"""Select lists that the schema dictates: how each column of instances reaches series and studies.

There are several hundred of them, so they are written from the declarations; everything else of a
query stands in its .sql file.  Macros (``finite``, ``ascending``, ``backslashed``) are in
``macros.sql``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import polars as pl

from ingest.derive.attributes import may_be_shown
from ingest.lake.sql import identifier, literal, type_name
from ingest.schema import Aggregation, Column, Table
from ingest.schema.derived import SUFFIX, series_columns

EXPRESSIONS: dict[tuple[Aggregation, str], str] = {
    # (aggregation, suffix of the column) -> SQL. {raw} is the column, {finite} the column without
    # NaN and infinity, {single} the column with lists as one text, {total} the sum.
    ("constant", ""): "min({finite})",
    # As it is, NULL included: all columns of "first" tell of the same instance.
    ("first", ""): "arg_min_null({raw}, m.slice_order)",
    ("distinct", "_values"): "ascending({single})",
    ("minmax", "_min"): "min({finite})",
    ("minmax", "_max"): "max({finite})",
    ("sum", "_sum"): "{total}",
    ("count", "_count"): "count({raw})",
    ("any", ""): "bool_or({raw})",
}
SHOWN_CHARACTERS = 60  # of a value in a finding


def series_aggregates(columns: Iterable[Column]) -> str:
    """``expression AS name`` for every column of series that comes from ``columns`` of instances.

    To be used with instances as i and members as m.
    """
    return ",\n        ".join(
        f"{_aggregate(column, made.aggregation[0], suffix)} AS {identifier(made.name)}"
        for column in columns
        for made, suffix in zip(series_columns(column), _suffixes(column), strict=True)
    )


def constants(table: Table, keys: Collection[str]) -> str:
    """``expression AS name`` for what a study takes from its series s, or a patient from studies s.

    ``keys`` are the columns by which rows are grouped.
    """
    return ",\n        ".join(
        f"s.{identifier(column.name)}"
        if column.name in keys
        else f"min(s.{identifier(column.name)}) AS {identifier(column.name)}"
        for column in table.columns
        if column.aggregation == ("constant",)
    )


def differences_in_series(columns: Iterable[Column]) -> str:
    """``differences`` of ``columns`` of instances, named as in ``series_aggregates``."""
    return _differences((column, _finite(column, _of_instances(column))) for column in columns)


def differences_in_study(columns: Iterable[Column]) -> str:
    """``differences`` of ``columns`` of the relation series."""
    return _differences((column, f"series.{identifier(column.name)}") for column in columns)


def typed(columns: Iterable[Column], *, source: str = "") -> str:
    """``CAST(name AS type) AS name`` for each column: what is written has the schema's types."""
    place = f"{source}." if source else ""
    return ", ".join(
        f"CAST({place}{identifier(c.name)} AS {type_name(c.dtype)}) AS {identifier(c.name)}"
        for c in columns
    )


def definitions(columns: Iterable[Column]) -> str:
    """``name type`` for each column, as CREATE TABLE wants it."""
    return ", ".join(f"{identifier(c.name)} {type_name(c.dtype)}" for c in columns)


def _differences(columns: Iterable[tuple[Column, str]]) -> str:
    """A list with a struct (attribute, low, high) for each column with several values in a group.

    ``low`` and ``high`` are the smallest and the largest as text, NULL where a value may identify
    somebody.
    """
    structs = ",\n            ".join(_difference(column, value) for column, value in columns)
    return (
        f"list_filter(CAST([{structs}] AS STRUCT(attribute VARCHAR, low VARCHAR, high VARCHAR)[]), "
        "lambda d: d IS NOT NULL)"
    )


def _difference(column: Column, value: str) -> str:
    low, high = (_shown(column, f"{side}({value})") for side in ("min", "max"))
    differ = "apart" if column.dtype == pl.Float64 else "unlike"
    return (
        f"CASE WHEN {differ}(min({value}), max({value})) "
        f"THEN {{'attribute': {literal(column.name)}, 'low': {low}, 'high': {high}}} END"
    )


def _shown(column: Column, value: str) -> str:
    if not may_be_shown(column):
        return "NULL"
    text = f"backslashed({value})" if _is_list(column) else f"CAST({value} AS VARCHAR)"
    return f"left({text}, {SHOWN_CHARACTERS})"


def _aggregate(column: Column, aggregation: Aggregation, suffix: str) -> str:
    raw = _of_instances(column)
    finite = _finite(column, raw)
    # Adding floating-point numbers in another order may give another sum.
    total = (
        f"finite(sum({finite} ORDER BY m.slice_order))"
        if column.dtype == pl.Float64
        else f"TRY_CAST(sum({raw}) AS BIGINT)"
    )
    return EXPRESSIONS[aggregation, suffix].format(
        raw=raw,
        finite=finite,
        single=f"backslashed({raw})" if _is_list(column) else finite,
        total=total,
    )


def _of_instances(column: Column) -> str:
    return f"i.{identifier(column.name)}"


def _finite(column: Column, value: str) -> str:
    return f"finite({value})" if column.dtype == pl.Float64 else value


def _is_list(column: Column) -> bool:
    return isinstance(column.dtype, pl.List)


def _suffixes(column: Column) -> list[str]:
    return [suffix for aggregation in column.aggregation for suffix, _ in SUFFIX[aggregation]]
