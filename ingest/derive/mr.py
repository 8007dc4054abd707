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
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import polars as pl
from polars.io.plugins import register_io_source

from ingest.derive import corrections, mr_kinds
from ingest.derive.database import DerivationFailed, text
from ingest.derive.gathering import ROWS, Runs, frame, gathered
from ingest.derive.inputs import LAST_RUN
from ingest.derive.mr_kinds import PART, ROW, VOLUME
from ingest.lake import layout
from ingest.lake.errors import LakeError
from ingest.lake.parts import COMPRESSION_LEVEL, writing
from ingest.lake.snapshot import Snapshot
from ingest.schema import FORMAT_VERSION, Table
from ingest.schema.mr import MR_CLEANED
from ingest.schema.mr_table import OF_SERIES

if TYPE_CHECKING:
    from ingest.derive.publish import Version
    from ingest.mr import Config

NAME = "mr_cleaned"
MADE_BY, CORRECTED_BY = "taglake.mr", "taglake.mr_corrections"
"""In the metadata of the file: what it was made with. Other rules make everything anew, other
corrections the studies that they are about."""
RULES = Path(__file__).parents[1] / "mr"
OWN_FILES = ("mr.toml", "mr_clean_config.json")
"""A databank's own rules and thresholds."""
CHUNK = 16_000
"""Series that are classed at a time, and what more their last study has."""
STUDY, SERIES = "StudyInstanceUID", "SeriesInstanceUID"
KEY = (STUDY, SERIES, VOLUME)
BY_HAND = "correctedClass"
PLACE = "place_of_part"
FAILED = "none: the rules failed"
TRIES = 256
"""How often a chunk that the rules fail at is tried in parts: enough to find ten such studies."""


class RulesInvalid(LakeError):
    """The databank's own rules of MR (mr.toml, mr_clean_config.json) cannot be used."""

    sentence = "The databank's own rules for MR cannot be used."


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
        "taglake.format": str(FORMAT_VERSION), "taglake.table": NAME,
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
            if chosen.places.is_empty() and orders[0].height == _height(last["open"]):
                _copy(last, version)
                return
        for number, rows in enumerate(_classed(database, root, chosen, tables, runs)):
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
    told = reason.str.strip_prefix(f"{FAILED} (").str.strip_suffix(")").alias("why")
    rows = pl.scan_parquet(path, glob=False).filter(reason.str.starts_with(FAILED))
    return rows.select(STUDY, SERIES, told).unique([STUDY, SERIES], keep="first").collect()


def _unfollowed(path: Path, root: Path) -> pl.DataFrame:
    """Series with corrections of kinds of volume that they do not have, or no longer: ``why`` is
    the kinds. Corrections of series that are not in the lake wait for them."""
    decided = corrections.standing(corrections.read(root)).filter(
        pl.col("volume_kind").is_not_null() & pl.col(BY_HAND).is_not_null()
    )
    keys = pl.scan_parquet(path, glob=False).select(STUDY, SERIES, "volume_kind")
    there = keys.filter(pl.col(SERIES).is_in(decided[SERIES].implode())).collect()
    lost = decided.join(there, on=[SERIES, "volume_kind"], how="anti")
    return (
        lost.join(there.select(STUDY, SERIES).unique(), on=SERIES)
        .group_by(STUDY, SERIES)
        .agg(why=pl.col("volume_kind").sort().str.join("; "))
    )


def _height(path: Path) -> int:
    return int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())


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
    files = [*RULES.rglob("*.py"), *RULES.rglob("*.toml"), Path(__file__), Path(mr_kinds.__file__)]
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


def _classed(
    database: duckdb.DuckDBPyConnection,
    root: Path,
    chosen: Chosen,
    tables: Mapping[str, Table],
    runs: Runs,
) -> Iterator[pl.DataFrame]:
    """The rows of the chosen series, in order of key, a chunk of whole studies at a time.

    Where telling kinds apart fails, which it should not, the series of the studies that it fails at
    are UNKNOWN and say so, as where the rules do.
    """
    if chosen.places.is_empty():
        return
    from ingest.mr import READ

    config = _config(root)
    decided = corrections.standing(corrections.read(root))
    needed = {
        *READ, STUDY, SERIES, *OF_SERIES, *mr_kinds.LISTS, "n_frames_sum", "n_slice_positions"
    }  # fmt: skip
    columns = [c.name for c in tables["series"].columns if c.name in needed and not c.phi]
    rows_at = runs.reader(columns, tables["series"])

    def made(places: pl.DataFrame, failure: str | None = None) -> pl.DataFrame:
        rows = rows_at(places).with_row_index(ROW)
        if failure is None:
            parts = mr_kinds.split(database, rows, tables)
            classed = _judged(_known(parts), config)
        else:
            parts = mr_kinds.whole(rows)
            classed = _failed(parts.height, failure)
        kinds = mr_kinds.kinds(parts, classed)
        found = _rows(parts, classed, kinds)
        by_hand = _by_hand(found, decided)
        if by_hand is not None:
            studies = found.filter(by_hand[BY_HAND].is_not_null())[STUDY].unique()
            wanted = kinds.join(
                by_hand.select(ROW, VOLUME, BY_HAND), on=[ROW, VOLUME], how="left"
            ).select(PART, BY_HAND)
            again = parts.join(wanted, on=PART, how="left", maintain_order="left")
            again = again.filter(pl.col(STUDY).is_in(studies.implode(), nulls_equal=True))
            second = _rows(again, _judged(_known(again), config), kinds)
            found = _corrected(found, second, by_hand)
        return _complete(found, tables[NAME])

    waiting = list(_chunks(chosen.places))
    tries = 0
    while waiting:
        places = waiting.pop(0)
        try:
            yield made(places)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            tries += 1
            if tries > TRIES:  # the disk, or all there is
                raise
            halves = _halves(places)
            if halves:
                waiting = [*halves, *waiting]
            else:
                yield made(places, type(error).__name__)


def _config(root: Path) -> Config:
    from ingest.mr import Config, InvalidConfig

    try:
        return Config.of(root)
    except InvalidConfig as error:
        raise RulesInvalid(str(error)) from None


def _judged(known: pl.DataFrame, config: Config) -> pl.DataFrame:
    """What the rules say, row by row. Where they fail, which they should not, the series of the
    studies that they fail at are UNKNOWN and say so: a header must not cost the ingest of a night.
    """
    from ingest.mr import classify

    waiting, made = [known.with_row_index(PLACE)], []
    for tries in count(1):
        some = waiting.pop(0)
        try:
            classed = classify(some, config)
        except (Exception, pl.exceptions.PanicException) as error:
            studies = some[STUDY].unique(maintain_order=True)
            if studies.len() > 1 and tries < TRIES:
                half = studies[: studies.len() // 2]
                first = some[STUDY].is_in(half.implode(), nulls_equal=True)
                waiting += [some.filter(first), some.filter(~first)]
                continue
            classed = _failed(some.height, type(error).__name__)
        made.append(classed.insert_column(0, some[PLACE]))
        if not waiting:
            break
    return pl.concat(made).sort(PLACE).drop(PLACE)


def _failed(height: int, why: str) -> pl.DataFrame:
    """Rows that say that the rules failed; ``why`` is the kind of error, no text of it."""
    told = {"sequenceClass": "UNKNOWN", "classReason": f"{FAILED} ({why})", "classConfidence": 0.0}
    return pl.DataFrame([
        pl.Series(c.name, [told.get(c.name)], c.dtype).new_from_index(0, height)
        for c in MR_CLEANED
    ])  # fmt: skip


def _known(parts: pl.DataFrame) -> pl.DataFrame:
    """What the rules may see: a series without a study is a study of its own."""
    return parts.with_columns(pl.coalesce(STUDY, SERIES).alias(STUDY))


def _chunks(places: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Places of about CHUNK series, and all of the last study among them."""
    first, starts = 0, _starts(places)
    while first < places.height:
        last = first + CHUNK
        following = starts.search_sorted(last)
        end = int(starts[following]) if following < starts.len() else places.height
        yield places[first:end]
        first = end


def _halves(places: pl.DataFrame) -> list[pl.DataFrame]:
    """Places of two halves of the studies; nothing where there is one."""
    starts = _starts(places)
    if starts.len() == 1:
        return []
    middle = int(starts[starts.len() // 2])
    return [places[:middle], places[middle:]]


def _starts(places: pl.DataFrame) -> pl.Series:
    """Where the studies begin, one by one; a series without a study is a study of its own."""
    study = places[STUDY]
    return (study.ne_missing(study.shift(1)) | study.is_null()).arg_true()


def _rows(parts: pl.DataFrame, classed: pl.DataFrame, kinds: pl.DataFrame) -> pl.DataFrame:
    """A row for each kind: of its parts the one with the most frames speaks for it."""
    context = [name for name in OF_SERIES if name in parts.columns]
    positions = (
        pl.col("n_slice_positions")
        if "n_slice_positions" in parts.columns
        else pl.lit(None, pl.Int64).alias("n_slice_positions")
    )
    joined = (
        parts.select(
            PART, STUDY, SERIES, *context, "is_part", "echo", positions,
            pl.col("volume_frames").alias("part_frames"),
        )
        .hstack(classed)
        .join(kinds, on=PART, how="left", maintain_order="left")
    )  # fmt: skip
    one = joined.sort("part_frames", PART, descending=[True, False], nulls_last=True).unique(
        [ROW, VOLUME], keep="first", maintain_order=True
    )
    volumes = pl.col("volume_frames") // pl.col("n_slice_positions")
    return one.sort(ROW, VOLUME).with_columns(
        n_volumes=pl.when(pl.col("is_part") & (pl.col("n_slice_positions") > 0))
        .then(pl.max_horizontal(volumes, 1))
        .otherwise("n_volumes"),
        echo_times_ms=pl.when(pl.col("is_part") & pl.col("echo").is_not_null())
        .then(pl.concat_list("echo"))
        .otherwise("echo_times_ms"),
        diffusion_b_values=pl.when("is_part")
        .then(pl.when(pl.col("b_values").list.len() > 0).then("b_values"))
        .otherwise("diffusion_b_values"),
    )


def _by_hand(made: pl.DataFrame, decided: pl.DataFrame) -> pl.DataFrame | None:
    """What was decided about each row, row by row; None where nothing was."""
    if decided.is_empty():
        return None
    whole = decided.filter(pl.col("volume_kind").is_null()).drop("volume_kind")
    of_kind = decided.filter(pl.col("volume_kind").is_not_null())
    keys = made.select(ROW, VOLUME, SERIES, "volume_kind")
    first = keys.join(of_kind, on=[SERIES, "volume_kind"], how="left", maintain_order="left")
    second = keys.join(whole, on=SERIES, how="left", maintain_order="left")
    names = [name for name in whole.columns if name != SERIES]
    # A decision about a kind stands before one about its series, also if it takes that back.
    of_its_own = first["corrected_when"].is_not_null()
    found = keys.select(ROW, VOLUME).with_columns(
        pl.when(of_its_own).then(first[name]).otherwise(second[name]).alias(name) for name in names
    )
    found = found.with_columns(
        pl.when(pl.col(BY_HAND).is_not_null()).then(name).alias(name) for name in names
    )
    return found if found[BY_HAND].null_count() < found.height else None


def _corrected(made: pl.DataFrame, second: pl.DataFrame, by_hand: pl.DataFrame) -> pl.DataFrame:
    """The rows with their corrections: ``second`` has those of studies with one, classed again."""
    from ingest.mr.by_hand import REASON

    kept = made.join(second.select(ROW).unique(), on=ROW, how="anti", maintain_order="left")
    rules = made.select(
        ROW, VOLUME, sequenceClass_by_rules="sequenceClass", classReason_by_rules="classReason",
        classConfidence_by_rules="classConfidence",
    )  # fmt: skip
    now = (
        pl.concat([kept, second])
        .sort(ROW, VOLUME)
        .join(rules, on=[ROW, VOLUME], how="left", maintain_order="left")
        .hstack(by_hand.drop(ROW, VOLUME))
    )
    is_wanted = pl.col(BY_HAND).is_not_null()
    reason = pl.format(f"{REASON}; the rules say {{}}", "sequenceClass_by_rules")
    return now.with_columns(
        sequenceClass=pl.coalesce(BY_HAND, "sequenceClass"),
        classReason=pl.when(is_wanted).then(reason).otherwise("classReason"),
        **{
            name: pl.when(is_wanted).then(name)
            for name in rules.columns
            if name.endswith("_by_rules")
        },
    )


def _complete(rows: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The columns of the table in their order and types."""
    there = set(rows.columns)
    return rows.select(
        (pl.col(c.name) if c.name in there else pl.lit(None)).cast(c.dtype).alias(c.name)
        for c in table.columns
    )


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
