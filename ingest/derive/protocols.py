"""Fingerprints of protocols: which columns of ``series`` are parameters, and the SQL they become.

``protocol.toml`` says for each family of modalities which columns somebody chose before the
acquisition.  A fingerprint is SHA-256 over their lines ``name=value``, so it is made where series
are made, of the columns that are filled there, and never looked at element by element again.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import polars as pl

from ingest.derive.database import SQL, text
from ingest.different import numbered
from ingest.lake import arrow
from ingest.lake.databank import secret_key
from ingest.lake.errors import LakeError
from ingest.lake.sql import identifier, literal, type_name
from ingest.schema import TABLES, Column
from ingest.schema.quality import PLACES_MADE

MADE_BY = "taglake.protocols"
"""What the file of the table says of ``digest`` in its metadata."""
FILE = Path(__file__).with_name("protocol.toml")
SERIES = {column.name: column for column in TABLES["series"].columns}

OF_SCANNER = ("Manufacturer", "ManufacturerModelName", "DeviceSerialNumber", "StationName")
OF_ACQUISITION = (
    # What tells acquisitions apart, beside the fingerprint and the pseudonym of the scanner.
    "patient_key", "StudyDate", "Modality", "acquisition_datetime_min", "acquisition_datetime_max",
    "SeriesDescription", "ImageType", "Rows", "Columns", "n_slice_positions", "n_instances",
)  # fmt: skip
DATED = "acquisition_datetime_min"
OF_GROUP = ("Modality", "Radiopharmaceutical", "ProtocolName", "SeriesDescription", "ImageType")
OF_MAKER = (
    "Manufacturer", "ManufacturerModelName", "SoftwareVersions", "ImplementationVersionName_values",
    "ctp_collection", "ctp_subject", "ctp_flag",
)  # fmt: skip
PLACE = "place"
"""The number of a series among those that are made together."""
NUCLEAR = ("PT", "NM")
"""Families in which the radiopharmaceutical names the group."""


class Tolerance(NamedTuple):
    """Two numbers are the same up to ``absolute``, or ``relative`` times the larger of them."""

    absolute: float = 0.0
    relative: float = 0.0


class Parameter(NamedTuple):
    """A column of ``series`` that is a parameter, and why it is one."""

    column: Column
    tolerance: Tolerance
    why: str


class Family(NamedTuple):
    """Modalities that have the same parameters; ``left_out`` are columns that are none, and why."""

    name: str
    modalities: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    left_out: Mapping[str, str]


def families(content: Mapping[str, Any]) -> tuple[Family, ...]:
    """The families that the content of ``protocol.toml`` declares; KeyError for unknown columns."""
    return tuple(
        Family(
            name,
            tuple(family["modalities"]),
            tuple(_parameter(column, said) for column, said in sorted(family["in"].items())),
            {SERIES[column].name: why for column, why in family["out"].items()},
        )
        for name, family in content.items()
    )


def _parameter(name: str, said: Mapping[str, Any]) -> Parameter:
    tolerance = {key: value for key, value in said.items() if key != "why"}
    return Parameter(SERIES[name], Tolerance(**tolerance), said["why"])


FAMILIES = families(tomllib.loads(FILE.read_text("utf-8")))


@lru_cache(maxsize=1)
def digest() -> str:
    """What a version was made with: fingerprints of another one do not compare."""
    files = (FILE, SQL / "protocol_tables.sql", SQL / "protocol_values.sql")
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def prepare(database: duckdb.DuckDBPyConnection, root: Path) -> None:
    """Tables that series fill while they are made, the tolerances, and the key of scanners.

    A databank that lost its secret cannot name its scanners: their key is NULL.
    """
    key = None
    with suppress(LakeError):
        key = hashlib.blake2b(b"scanner_key", key=secret_key(root)).hexdigest()
    database.execute(text("protocol_tables"))
    database.execute("INSERT INTO scanner_secret VALUES ($1)", [key])
    names, modalities, absolute, relative = zip(*_tolerances(), strict=True)
    database.execute(
        "INSERT INTO tolerances "
        "SELECT unnest($1::VARCHAR[]), unnest($2::VARCHAR[]), unnest($3::DOUBLE[]), "
        "unnest($4::DOUBLE[])",
        [list(names), list(modalities), list(absolute), list(relative)],
    )


def measure(database: duckdb.DuckDBPyConnection, rows: pl.DataFrame) -> None:
    """Make ``protocol_values`` of the relation ``aggregated``, which are these rows with PLACE.

    The SQL names only columns with values and families that are there: to plan all of them takes
    five times as long (measured), and there is a plan for every chunk of series. Where series are
    of the same protocol, as most are, what they tell is worked out once: of 50,000 of one kind in
    0.7 s of processor time in place of 1.6 (measured).
    """
    columns = {column.name for column in rows if column.null_count() < rows.height}
    modalities = rows["Modality"].unique() if "Modality" in columns else ()
    said = {str(modality).strip().upper() for modality in modalities}
    present = [family for family in FAMILIES if said.intersection(family.modalities)]
    named = {*OF_SCANNER, *OF_GROUP, *OF_MAKER}
    parameters = {p.column.name for family in present for p in family.parameters}
    _tell_alike(database, rows, columns & (named | parameters))
    lists = {
        "columns": ", ".join(_plain(name, columns) for name in sorted(named)),
        "nuclear": _any(m for f in FAMILIES if f.name in NUCLEAR for m in f.modalities),
        "lines": _lines(present, columns),
        "of_scanner": ", ".join(f"upper(trim(coalesce({n}, '')))" for n in OF_SCANNER),
        **{name: PLACES_MADE[name][1] for name in ("is_derived", "is_localizer")},
        "is_dated": f"{DATED} IS NOT NULL" if DATED in columns else "false",
        "of_acquisition": ", ".join(
            f"coalesce({_text(n)}, '')" if n in columns else "''" for n in OF_ACQUISITION
        ),
    }
    database.execute(text("protocol_values", **lists))


def _tell_alike(
    database: duckdb.DuckDBPyConnection, rows: pl.DataFrame, columns: Collection[str]
) -> None:
    """Make ``examples`` of rows that differ in some columns, and ``alike``: which is each row's."""
    kind, first = numbered(rows, columns)
    example = rows[PLACE][first][kind].alias("example")
    arrow.offer(database, "examples", rows.select(PLACE, *sorted(columns))[first])
    arrow.offer(database, "alike", pl.DataFrame([rows[PLACE], example]))


def make(database: duckdb.DuckDBPyConnection) -> None:
    """Make ``protocols`` and ``series_protocols`` of the relation ``series``: of the whole lake."""
    database.execute(text("protocols"))
    database.execute(text("protocol_differences"))
    database.execute(text("series_protocols"))


def _plain(name: str, columns: Collection[str]) -> str:
    if name in columns:
        return f"a.{identifier(name)}"
    return f"CAST(NULL AS {type_name(SERIES[name].dtype)}) AS {identifier(name)}"


def _lines(present: Iterable[Family], columns: Collection[str]) -> str:
    """SQL: rows and lines of series that have a family; a query each, since CASE takes twice that.

    Values that are missing are left out, which is what ``concat_ws`` does.
    """
    queries = [
        f"SELECT place, concat_ws(chr(10), {lines}) AS lines\n"
        "    FROM examples AS a\n"
        f"    WHERE upper(trim(a.Modality)) IN ({_any(family.modalities)})"
        for family in present
        for lines in [
            ", ".join(_line(p.column) for p in family.parameters if p.column.name in columns)
            or "NULL"
        ]
    ]
    nothing = "SELECT 0::BIGINT AS place, '' AS lines WHERE false"
    return "\n    UNION ALL ".join(queries or [nothing])


def _any(names: Iterable[str]) -> str:
    return ", ".join(map(literal, names))


def _line(column: Column) -> str:
    return f"{literal(column.name + '=')} || {_value(column)}"


def _value(column: Column) -> str:
    """SQL: a value as the text of its line; NULL where there is none."""
    name = f"a.{identifier(column.name)}"
    if column.dtype == pl.Float64:
        return f"digits({name})"
    if column.dtype == pl.List(pl.Float64):
        # Distinct values may be the same with four digits, and then are one.
        distinct = column.aggregation == ("distinct",)
        return f"{'distinct_digits' if distinct else 'listed_digits'}({name})"
    if isinstance(column.dtype, pl.List):
        return f"one_line(backslashed({name}))"
    return f"one_line(CAST({name} AS VARCHAR))"


def _text(name: str) -> str:
    is_list = isinstance(SERIES[name].dtype, pl.List)
    return f"backslashed({name})" if is_list else f"CAST({name} AS VARCHAR)"


def _tolerances() -> Iterator[tuple[str, str, float, float]]:
    """Rows (parameter, modality, absolute, relative) of every parameter."""
    for family in FAMILIES:
        for modality in family.modalities:
            for parameter in family.parameters:
                yield (parameter.column.name, modality, *parameter.tolerance)
