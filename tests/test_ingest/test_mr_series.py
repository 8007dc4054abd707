"""Series of many makers and parts of the body, and the class a reader of their headers would give.

``mr_series.csv`` is written from knowledge of the field, not taken from data: a header a line and
what is expected of it: classes with a bar between, or ``?`` where nothing decides and the answer
has to be UNKNOWN or unsure.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.mr import classify

FILE = Path(__file__).with_name("mr_series.csv")
SURE = 0.8
KEYWORDS = {
    "maker": "Manufacturer", "description": "SeriesDescription", "image_type": "ImageType",
    "scanning": "ScanningSequence", "variant": "SequenceVariant", "options": "ScanOptions",
    "program": "SequenceName", "dimension": "MRAcquisitionType", "te": "EchoTime",
    "tr": "RepetitionTime", "ti": "InversionTime", "flip": "FlipAngle", "train": "EchoTrainLength",
    "slice": "SliceThickness", "tesla": "MagneticFieldStrength",
}  # fmt: skip
with FILE.open(encoding="utf-8", newline="") as opened:
    LINES = list(csv.DictReader(opened))
OPEN = "?"
# Without their names these are, by all their headers say, of another kind that has a class.
LIKE_ANOTHER = {
    "T1rho_TSL40", "MWF_GRASE", "ihMT_dual", "MAGiC MDME", "SmartPrep tracker", "quantitative MT",
}  # fmt: skip


def header(line: dict[str, str]) -> dict[str, Any]:
    """The attributes of a line under their DICOM keywords."""
    made = {keyword: line[name] for name, keyword in KEYWORDS.items() if line[name]}
    for one in filter(None, line["more"].split(";")):
        keyword, value = one.split("=", 1)
        made[keyword] = value
    return made


def classed(drop: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Every line's cleaned row, each series in a study of its own; ``drop`` are keywords."""
    headers = [
        {k: v for k, v in header(line).items() if k not in set(drop)} | {"StudyInstanceUID": str(i)}
        for i, line in enumerate(LINES)
    ]
    return classify(pl.DataFrame(headers, infer_schema_length=None)).to_dicts()


def is_right(line: dict[str, str], row: dict[str, Any]) -> bool:
    expected = line["expected"].split("|")
    unsure = row["classConfidence"] < SURE
    return row["sequenceClass"] in expected or (OPEN in expected and unsure)


def told(line: dict[str, str], row: dict[str, Any]) -> str:
    return f"{line['description']}: {row['sequenceClass']}, not {line['expected']}"


def test_every_series_is_of_its_class() -> None:
    wrong = [
        told(line, row)
        for line, row in zip(LINES, classed(), strict=True)
        if not is_right(line, row)
    ]
    assert wrong == []


def test_there_are_series_of_all_makers_and_many_parts() -> None:
    assert len(LINES) > 250
    assert len({line["maker"] for line in LINES}) >= 8
    assert len({line["body"] for line in LINES}) >= 10
    assert sum(line["expected"].startswith(OPEN) for line in LINES) > 50


@pytest.mark.parametrize(
    "drop",
    [("SeriesDescription",), ("SeriesDescription", "SequenceName"), ("SequenceName",)],
    ids=["names", "names and programs", "programs"],
)
def test_with_less_said_no_other_class_is_sure(drop: tuple[str, ...]) -> None:
    """What is left may decide less, but what it says for sure has to be of the right kind."""
    wrong = [
        told(line, row)
        for line, row in zip(LINES, classed(drop), strict=True)
        if row["classConfidence"] >= SURE
        and line["description"] not in LIKE_ANOTHER
        and not any(same_kind(row["sequenceClass"], one) for one in line["expected"].split("|"))
    ]
    assert wrong == []


def same_kind(answer: str, expected: str) -> bool:
    """Whether two classes are of one weighting or kind; ducts and the like are T2 as well."""
    fluid = {"MRCP": "T2"}
    kinds = [fluid.get(name, name.split("_")[0]) for name in (answer, expected)]
    return kinds[0] == kinds[1] or {answer, expected} <= {"DWI", "DTI"}
