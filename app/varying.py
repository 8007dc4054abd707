"""Which varying elements of a series are no news: what makes instances different by its nature.

A series of 500 slices has 500 numbers, UIDs, positions and times. Among them the echo time that has
two values is easily overlooked; so what is expected is set apart, by a list and by what it is.
"""

from __future__ import annotations

import polars as pl

EXPECTED = (
    # which instance it is
    "FileMetaInformationGroupLength", "InstanceNumber", "ImageIndex", "AcquisitionNumber",
    # when it was made
    "InstanceCreationDate", "InstanceCreationTime", "AcquisitionDate", "AcquisitionTime",
    "AcquisitionDateTime", "ContentDate", "ContentTime", "FrameReferenceTime",
    "FrameReferenceDateTime", "StartAcquisitionDateTime", "EndAcquisitionDateTime",
    # where it lies
    "ImagePositionPatient", "SliceLocation", "TableHeight", "TablePosition",
    "InStackPositionNumber",
    # what its pixels are like
    "SmallestImagePixelValue", "LargestImagePixelValue", "WindowCenter", "WindowWidth", "PixelData",
    "DataSetTrailingPadding",
)  # fmt: skip
SAME_ELSEWHERE = (
    "Window Center", "Window Width", "SlicePosition_PCS", "ProtocolSliceNumber", "Slice Number MR",
    "Image location", "TimeAfterStart", "ICE_Dims", "Unique image iden", "Histogram tables",
)  # fmt: skip
"""Private elements, by their names in the vendors' dictionaries, that say the same."""

HOW = ("counts", "rises", "falls", "unique", "few", "irregular", "sometimes")
"""How an element varies, as the question ``varying`` says it."""
WHOLE_NUMBERS = ("IS", "US", "UL", "SS", "SL")


def is_expected() -> pl.Expr:
    """Whether a row of the question ``varying`` is no news: UIDs, blobs (their decoded values are
    rows of their own), counters, and what is in the lists; never what is only there sometimes."""
    name = pl.col("name").str.replace(r" \[\d+\]$", "")
    blob = pl.col("vr").is_in(["OB", "OW", "UN"]) & pl.col("first_text").is_null()
    listed = pl.col("keyword").is_in(EXPECTED) | (
        pl.col("creator").is_not_null() & name.is_in(SAME_ELSEWHERE)
    )
    by_ones = pl.col("largest") - pl.col("smallest") == pl.col("n_present") - 1
    counter = (pl.col("how") == "counts") & pl.col("vr").is_in(WHOLE_NUMBERS) & by_ones
    expected = (pl.col("vr") == "UI") | blob | listed | counter
    return expected.fill_null(False) & (pl.col("how") != "sometimes")


def set_apart(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of the question ``varying`` that are worth a look, and those that are expected."""
    expected = rows.select(is_expected().alias("expected"))["expected"]
    return rows.filter(~expected), rows.filter(expected)
