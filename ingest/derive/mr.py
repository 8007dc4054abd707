"""``mr_cleaned``: the series of MR as ``ingest.mr`` classes them, carried over where they can be.

What a series is may depend on the others of its study and on nothing else, so the studies that are
touched are classed again, whole, and all other rows are those of the last version.  After a change
of the rules everything is classed again.  ``ingest.mr`` is imported only where there is MR to do:
most of a small ingest would be that import.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import polars as pl
from polars.io.plugins import register_io_source

from ingest.derive import corrections, mr_by_hand, mr_rows
from ingest.derive.database import DerivationFailed, text
from ingest.derive.gathering import ROWS, Runs, frame, gathered, height
from ingest.derive.inputs import LAST_RUN
from ingest.derive.mr_kinds import SERIES, STUDY, VOLUME
from ingest.lake import layout
from ingest.lake.parts import COMPRESSION_LEVEL, writing
from ingest.lake.snapshot import Snapshot
from ingest.schema import Table

if TYPE_CHECKING:
    from ingest.derive.publish import Version

NAME = "mr_cleaned"
MADE_BY, CORRECTED_BY = "taglake.mr", "taglake.mr_corrections"
"""In the metadata of the file: what it was made with. Other rules make everything anew, other
corrections the studies that they are about."""
RULES = Path(__file__).parents[1] / "mr"
MAKING = ("mr_rows", "mr_kinds", "mr_by_hand")
"""Modules beside this one that rows are made by."""
OWN_FILES = ("mr.toml", "mr_clean_config.json")
"""A databank's own rules and thresholds."""
KEY = (STUDY, SERIES, VOLUME)


@dataclass(frozen=True)
class Chosen:
    """Where the rows of the series to be classed are, in order of key; ``studies`` are theirs, or
    None for all, and rows of the last version that are of these are not carried over."""

    places: pl.DataFrame
    studies: pl.Series | None


def write(
    database: duckdb.DuckDBPyConnection,
    root: Path,
    version: Version,
    old: Snapshot | None,
    tables: Mapping[str, Table],
    runs: Runs,
) -> None:
    """Write the files of ``mr_cleaned``, of the relation ``series`` and its rows in ``runs``.

    Raises DatabankNotWritable, DerivationFailed, CorrectionsInvalid or RulesInvalid.
    """
    said = {
        "taglake.format": str(layout.FORMAT_VERSION), "taglake.table": NAME,
        MADE_BY: made_by(root), CORRECTED_BY: corrections.digest(root),
    }  # fmt: skip
    table = tables[NAME]
    last = _last(root, old, table, said)
    chosen = _chosen(database, root, last, said)
    made: dict[int, pl.LazyFrame] = {}
    orders: list[pl.DataFrame] = []
    try:
        if last:
            orders.append(_carried(last["open"], chosen.studies))
            if chosen.places.is_empty() and orders[0].height == height(last["open"]):
                _copy(last, version)
                return
        for number, rows in enumerate(mr_rows.classed(database, root, chosen.places, tables, runs)):
            path = version.spill / f"{NAME}-{number}.arrow"
            with writing(version.spill):
                rows.write_ipc(path, record_batch_size=ROWS)
            made[number] = pl.scan_ipc(path, glob=False)
            keys = rows.select(KEY if last else [], run=pl.repeat(number, pl.len(), dtype=pl.Int32))
            orders.append(keys.with_row_index("place"))
        order = _ordered(orders)
        for side in layout.SIDES:
            if last:
                made[LAST_RUN] = pl.scan_parquet(last[side], glob=False)
            _write(order, made, table, side, version, said)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        raise DerivationFailed("The rows of MR series could not be made.") from None


def tell(database: duckdb.DuckDBPyConnection, root: Path, version: Version) -> None:
    """Create the relations that judgements about ``mr_cleaned`` need, once it is written.

    ``mr_failed`` (StudyInstanceUID, SeriesInstanceUID, why) has the series at which the rules
    failed, ``mr_unfollowed`` (the same) those with a correction that no row follows. Raises
    CorrectionsInvalid.
    """
    path = version.open_dir / f"{NAME}.parquet"
    for name, found in (("failed", _failures(path)), ("unfollowed", _unfollowed(path, root))):
        database.execute(
            f"CREATE TABLE mr_{name} AS SELECT unnest($1::VARCHAR[]) AS StudyInstanceUID, "
            "unnest($2::VARCHAR[]) AS SeriesInstanceUID, unnest($3::VARCHAR[]) AS why",
            [found[column].to_list() for column in (STUDY, SERIES, "why")],
        )


def _failures(path: Path) -> pl.DataFrame:
    """The series at which the rules failed, and why; those of the last version, too."""
    reason = pl.coalesce("classReason_by_rules", "classReason")
    told = reason.str.strip_prefix(f"{mr_rows.FAILED} (").str.strip_suffix(")").alias("why")
    rows = pl.scan_parquet(path, glob=False).filter(reason.str.starts_with(mr_rows.FAILED))
    return rows.select(STUDY, SERIES, told).unique([STUDY, SERIES], keep="first").collect()


def _unfollowed(path: Path, root: Path) -> pl.DataFrame:
    """Series with corrections of kinds of volume that they do not have, or no longer: ``why`` is
    the kinds. Corrections of series that are not in the lake wait for them."""
    decided = corrections.standing(corrections.read(root)).filter(
        pl.col("volume_kind").is_not_null() & pl.col(mr_by_hand.CLASS).is_not_null()
    )
    keys = pl.scan_parquet(path, glob=False).select(STUDY, SERIES, "volume_kind")
    there = keys.filter(pl.col(SERIES).is_in(decided[SERIES].implode())).collect()
    lost = decided.join(there, on=[SERIES, "volume_kind"], how="anti")
    return (
        lost.join(there.select(STUDY, SERIES).unique(), on=SERIES)
        .group_by(STUDY, SERIES)
        .agg(why=pl.col("volume_kind").sort().str.join("; "))
    )


def _copy(last: Mapping[layout.Side, Path], version: Version) -> None:
    for side, path in last.items():
        with writing(version.folder(side)):
            shutil.copyfile(path, version.folder(side) / path.name)


def made_by(root: Path) -> str:
    """Changes with the rules, with the code behind them, and with the databank's own rules."""
    found = hashlib.sha256(_rules().encode())
    for name in OWN_FILES:
        try:
            found.update(name.encode() + (root / name).read_bytes())
        except OSError:
            found.update(b"-")
    return found.hexdigest()[:16]


@cache
def _rules() -> str:
    steps = [Path(__file__).with_name(f"{module}.py") for module in MAKING]
    files = [*RULES.rglob("*.py"), *RULES.rglob("*.toml"), *steps]
    contents = (path.read_bytes() for path in sorted(files))
    return hashlib.sha256(b"\0".join(contents)).hexdigest()


def _last(
    root: Path, old: Snapshot | None, table: Table, said: Mapping[str, str]
) -> dict[layout.Side, Path]:
    """The files of the last version, if their rows can be carried over."""
    if old is None or old.derived is None:
        return {}
    paths = {s: layout.derived(root, s) / old.derived / f"{NAME}.parquet" for s in layout.SIDES}
    try:
        for side, path in paths.items():
            columns = layout.stored_columns(table, side)
            schema = dict(pl.scan_parquet(path, glob=False).collect_schema())
            if schema != {name: table.column(name).dtype for name in columns}:
                return {}
            if pl.read_parquet_metadata(path).get(MADE_BY) != said[MADE_BY]:
                return {}
    except (OSError, pl.exceptions.PolarsError):
        return {}
    return paths


def _chosen(
    database: duckdb.DuckDBPyConnection,
    root: Path,
    last: Mapping[layout.Side, Path],
    said: Mapping[str, str],
) -> Chosen:
    if not last:
        return Chosen(frame(database, text("mr_rows", chosen="true")), None)
    studies = frame(database, f"SELECT DISTINCT {STUDY} FROM touched")[STUDY]
    if pl.read_parquet_metadata(last["open"]).get(CORRECTED_BY) != said[CORRECTED_BY]:
        studies = pl.concat([studies, _corrected_studies(database, root, last["open"])]).unique()
    database.execute(
        "CREATE OR REPLACE TEMP TABLE mr_studies AS SELECT unnest($1::VARCHAR[]) AS study",
        [studies.to_list()],
    )
    among = f"EXISTS (FROM mr_studies AS m WHERE m.study IS NOT DISTINCT FROM s.{STUDY})"
    return Chosen(frame(database, text("mr_rows", chosen=among)), studies)


def _corrected_studies(database: duckdb.DuckDBPyConnection, root: Path, last: Path) -> pl.Series:
    """Studies of which some series is corrected now, or was in the last version."""
    series = corrections.standing(corrections.read(root))[SERIES].unique().to_list()
    now = database.execute(
        f"SELECT DISTINCT {STUDY} FROM series WHERE {SERIES} IN (SELECT unnest($1::VARCHAR[]))",
        [series],
    ).fetchall()
    before = pl.scan_parquet(last, glob=False).filter(pl.col("corrected_when").is_not_null())
    was = before.select(pl.col(STUDY).unique()).collect()[STUDY]
    return pl.concat([pl.Series(STUDY, [uid for (uid,) in now], pl.String), was])


def _carried(last: Path, studies: pl.Series | None) -> pl.DataFrame:
    """The keys of the rows of the last version that stay, and their places."""
    keys = pl.scan_parquet(last, glob=False).select(KEY).with_row_index("place")
    if studies is not None and studies.len():
        gone = studies.to_frame(STUDY).lazy()
        keys = keys.join(gone, on=STUDY, how="anti", nulls_equal=True, maintain_order="left")
    return keys.collect().with_columns(run=pl.lit(LAST_RUN, pl.Int32))


def _ordered(orders: list[pl.DataFrame]) -> pl.DataFrame:
    """Where the rows of the table are, in order of key: nth, run, place."""
    filled = [order for order in orders if order.height]
    nothing = pl.DataFrame(schema={"place": pl.UInt32, "run": pl.Int32})
    keys = pl.concat(filled) if filled else nothing
    runs = [order["run"][0] for order in filled]
    if LAST_RUN in runs and len(runs) > 1:  # else they are in order
        keys = keys.sort(KEY)
    return keys.select("run", "place").with_row_index("nth")


def _write(
    order: pl.DataFrame,
    runs: Mapping[int, pl.LazyFrame],
    table: Table,
    side: layout.Side,
    version: Version,
    said: dict[str, str],
) -> None:
    names = layout.stored_columns(table, side)
    schema = {name: table.column(name).dtype for name in names}
    sources = {run: source.select(names) for run, source in runs.items()}
    path = version.folder(side) / f"{NAME}.parquet"

    def batches(*_: object) -> Iterator[pl.DataFrame]:
        for first in range(0, order.height, ROWS):
            yield gathered(order[first : first + ROWS], sources, schema)

    with writing(path.parent):
        register_io_source(batches, schema=schema).sink_parquet(
            path, compression="zstd", compression_level=COMPRESSION_LEVEL, row_group_size=ROWS,
            metadata=said,
        )  # fmt: skip
