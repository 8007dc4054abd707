"""Rows of ``mr_cleaned``, made of series: of whole studies, a chunk at a time.

A study at which something fails, which none should, is UNKNOWN and says so: a header must not cost
the ingest of a night.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from ingest.derive import corrections, mr_by_hand, mr_kinds
from ingest.derive.gathering import Runs
from ingest.derive.mr_kinds import PART, ROW, SERIES, STUDY, VOLUME
from ingest.lake.errors import LakeError
from ingest.schema import Table
from ingest.schema.mr import MR_CLEANED
from ingest.schema.mr_table import OF_SERIES

if TYPE_CHECKING:
    from ingest.mr import Config

CHUNK = 32_000
"""Series that are classed at a time, and what more their last study has."""
PLACE = "place_of_part"
FAILED = "none: the rules failed"
TRIES = 256
"""How often a chunk that the rules fail at is tried in parts: enough to find ten such studies."""


class RulesInvalid(LakeError):
    """The databank's own rules of MR (mr.toml, mr_clean_config.json) cannot be used."""

    sentence = "The databank's own rules for MR cannot be used."


@dataclass(frozen=True)
class Deciding:
    """What the classes of a databank's series depend on, beside the series."""

    database: duckdb.DuckDBPyConnection
    tables: Mapping[str, Table]
    config: Config
    decided: pl.DataFrame
    """``corrections.standing``."""


def classed(
    database: duckdb.DuckDBPyConnection,
    root: Path,
    places: pl.DataFrame,
    tables: Mapping[str, Table],
    runs: Runs,
) -> Iterator[pl.DataFrame]:
    """The rows of the series at ``places``, in order of key, a chunk at a time.

    Raises CorrectionsInvalid, RulesInvalid, and PolarsError where everything fails.
    """
    if places.is_empty():
        return
    from ingest.mr import READ

    by = Deciding(database, tables, _config(root), corrections.standing(corrections.read(root)))
    needed = {
        *READ, STUDY, SERIES, *OF_SERIES, *mr_kinds.LISTS, "n_frames_sum", "n_slice_positions"
    }  # fmt: skip
    columns = [c.name for c in tables["series"].columns if c.name in needed and not c.phi]
    rows_at = runs.reader(columns, tables["series"])
    waiting = list(_chunks(places))
    tries = 0
    while waiting:
        some = waiting.pop(0)
        try:
            yield _made(rows_at(some), by)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            tries += 1
            if tries > TRIES:  # the disk, or all there is
                raise
            parts = halves(some)
            if parts:
                waiting = [*parts, *waiting]
            else:
                yield _made(rows_at(some), by, type(error).__name__)


def _made(series: pl.DataFrame, by: Deciding, failure: str | None = None) -> pl.DataFrame:
    """The rows of some series; with ``failure``, why kinds cannot be told, all are UNKNOWN."""
    rows = series.with_row_index(ROW)
    if failure is None:
        parts = mr_kinds.split(by.database, rows, by.tables)
        said = judged(_known(parts), by.config)
    else:
        parts = mr_kinds.whole(rows)
        said = _failed(parts.height, failure)
    kinds = mr_kinds.kinds(parts, said)
    found = _rows(parts, said, kinds)
    by_hand = mr_by_hand.about(found, by.decided)
    if by_hand is not None:
        again = mr_by_hand.with_classes(parts, kinds, found, by_hand)
        second = _rows(again, judged(_known(again), by.config), kinds)
        found = mr_by_hand.applied(found, second, by_hand)
    return _complete(found, by.tables["mr_cleaned"])


def _config(root: Path) -> Config:
    from ingest.mr import Config, InvalidConfig

    try:
        return Config.of(root)
    except InvalidConfig as error:
        raise RulesInvalid(str(error)) from None


def judged(known: pl.DataFrame, config: Config) -> pl.DataFrame:
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


def halves(places: pl.DataFrame) -> list[pl.DataFrame]:
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


def _complete(rows: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The columns of the table in their order and types."""
    there = set(rows.columns)
    return rows.select(
        (pl.col(c.name) if c.name in there else pl.lit(None)).cast(c.dtype).alias(c.name)
        for c in table.columns
    )
