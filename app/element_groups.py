"""Which elements of two headers are the same, and the groups in which people look for them.

Private elements are told by creator, group and offset; the block that a creator reserved is written
as ``xx``.  Groups are the standard, one per private creator, one per decoded payload, and apart
from them what is unique by nature, which would bury the protocol in differences.
"""

from __future__ import annotations

import polars as pl

STANDARD, PRIVATE, DECODED, UNIQUE = "standard", "private", "decoded", "unique"
KINDS = (STANDARD, PRIVATE, DECODED, UNIQUE)

# PS3.5 section 7.8: in an odd group, (gggg,00bb) names who reserved the elements (gggg,bb00-bbFF).
_PRIVATE = r"(^|\.)([0-9A-F]{3}[13579BDF])[1-9A-F][0-9A-F]([0-9A-F]{2})"
_RESERVATION = r"(^|\.)([0-9A-F]{3}[13579BDF]00)[1-9A-F][0-9A-F]$"

MOMENTS = ("DA", "TM", "DT")
UID_OF_A_KIND = r"(Class|Syntax|CodingScheme|Context|MappingResource)UID$"
"""UIDs that name a kind of thing (PS3.6 annex A), not one thing: they belong to the protocol."""
NUMBERS_OF_ONE = (
    "InstanceNumber", "SeriesNumber", "AcquisitionNumber", "StudyID", "AccessionNumber",
    "PatientName", "PatientID", "OtherPatientIDs", "RequestedProcedureID",
    "PerformedProcedureStepID", "ScheduledProcedureStepID",
)  # fmt: skip
"""Counters and names of one patient, study, series or instance."""


def identified(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with ``element``, equal where elements are the same, and ``payload``, from which a
    value was decoded (NULL for others).  A reservation gets the creator that it names."""
    head = pl.col("path").str.split("/").list.first()
    field = pl.col("path").str.strip_prefix(head).str.strip_prefix("/")
    reserves = pl.col("creator").is_null() & head.str.contains(_RESERVATION)
    same = head.str.replace_all(_PRIVATE, "${1}${2}xx${3}")
    return rows.with_columns(
        element=pl.when(reserves).then(head.str.replace(_RESERVATION, "${1}${2}xx"))
        .when(field != "").then(pl.format("{}/{}", same, field))
        .otherwise(same),
        creator=pl.when(reserves).then("text").otherwise("creator").fill_null(""),
        payload=pl.when(field.str.contains("/", literal=True))
        .then(field.str.split("/").list.first())
        .when(field != "").then(tag(same)),
    )  # fmt: skip


def tag(element: pl.Expr) -> pl.Expr:
    """The last tag of an element as people write it: (0029,xx10)."""
    last = element.str.split(".").list.last()
    return pl.format("({},{})", last.str.slice(0, 4), last.str.slice(4, 4))


def grouped(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with ``kind``, one of KINDS, and ``section``: the creator, for decoded elements and
    what they were decoded from."""
    head = pl.col("element").str.split("/").list.first()
    odd = head.str.split(".").list.last().str.contains(r"^[0-9A-F]{3}[13579BDF]")
    return rows.with_columns(
        kind=pl.when(_unique()).then(pl.lit(UNIQUE))
        .when(pl.col("payload").is_not_null()).then(pl.lit(DECODED))
        .when(odd | (pl.col("creator") != "")).then(pl.lit(PRIVATE))
        .otherwise(pl.lit(STANDARD)),
    ).with_columns(
        section=pl.when(pl.col("kind") == DECODED).then(pl.format("{} · {}", "creator", "payload"))
        .when(pl.col("kind") == PRIVATE).then("creator")
        .otherwise(pl.lit("")),
    )  # fmt: skip


def in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """By group, and in it as in the file, with item 10 after item 9."""
    place = pl.col("element")
    for digits in range(1, 5):
        place = place.str.replace_all(rf"\[(\d{{{digits}}})\]", f"[{'0' * (5 - digits)}${{1}}]")
    kind = pl.col("kind").cast(pl.Enum(KINDS))
    return rows.sort(kind, "section", place, "creator", maintain_order=True)


def _unique() -> pl.Expr:
    """Unique by nature: moments, UIDs, counters and names of one thing, and lengths of groups."""
    keyword = pl.col("keyword").fill_null("")
    vr = pl.col("vr").str.slice(0, 2)
    uid = (vr == "UI") & ~keyword.str.contains(UID_OF_A_KIND)
    length = pl.col("element").str.contains(r"^[0-9A-F]{4}0000$")
    return vr.is_in(MOMENTS) | uid | keyword.is_in(NUMBERS_OF_ONE) | length
