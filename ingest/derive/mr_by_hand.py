"""Classes that people corrected, in rows of ``mr_cleaned``: beside what the rules say of them.

A study with a correction is classed again with it, since series of a study tell of each other.
"""

from __future__ import annotations

import polars as pl

from ingest.derive.mr_kinds import PART, ROW, SERIES, STUDY, VOLUME

CLASS = "correctedClass"


def about(made: pl.DataFrame, decided: pl.DataFrame) -> pl.DataFrame | None:
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
        pl.when(pl.col(CLASS).is_not_null()).then(name).alias(name) for name in names
    )
    return found if found[CLASS].null_count() < found.height else None


def with_classes(
    parts: pl.DataFrame, kinds: pl.DataFrame, made: pl.DataFrame, by_hand: pl.DataFrame
) -> pl.DataFrame:
    """The ``parts`` of studies of which a row of ``made`` is corrected, with the classes given."""
    studies = made.filter(by_hand[CLASS].is_not_null())[STUDY].unique()
    given = by_hand.select(ROW, VOLUME, CLASS)
    wanted = kinds.join(given, on=[ROW, VOLUME], how="left").select(PART, CLASS)
    again = parts.join(wanted, on=PART, how="left", maintain_order="left")
    return again.filter(pl.col(STUDY).is_in(studies.implode(), nulls_equal=True))


def applied(made: pl.DataFrame, second: pl.DataFrame, by_hand: pl.DataFrame) -> pl.DataFrame:
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
    is_wanted = pl.col(CLASS).is_not_null()
    reason = pl.format(f"{REASON}; the rules say {{}}", "sequenceClass_by_rules")
    return now.with_columns(
        sequenceClass=pl.coalesce(CLASS, "sequenceClass"),
        classReason=pl.when(is_wanted).then(reason).otherwise("classReason"),
        **{
            name: pl.when(is_wanted).then(name)
            for name in rules.columns
            if name.endswith("_by_rules")
        },
    )
