"""Protocols side by side: tolerances at their edges, values of lists, Siemens' text."""

from __future__ import annotations

import polars as pl
import pytest

from app.protocols import compared as protocols
from app.protocols.compared import Tolerance


def side(**values: str) -> pl.DataFrame:
    return protocols.of_lines(f"{name}={value}" for name, value in values.items())


def differ(a: pl.DataFrame, b: pl.DataFrame, **tolerances: Tolerance) -> dict[str, bool]:
    found = protocols.differences(a, b, tolerances)
    return dict(found.select("parameter", "differs").iter_rows())


@pytest.mark.parametrize(
    ("a", "b", "allowed", "expected"),
    [
        ("5", "5.05", Tolerance(relative=0.01), False),  # 0.05 <= 0.01 * 5.05
        ("5", "5.06", Tolerance(relative=0.01), True),  # 0.06 > 0.0506
        ("9", "9.5", Tolerance(absolute=0.5), False),
        ("9", "9.6", Tolerance(absolute=0.5), True),
        ("0", "0.0001", Tolerance(relative=0.5), True),
        ("5", "5.0001", Tolerance(), False),  # the same to four digits
        ("5", "5.001", Tolerance(), True),
        ("-9", "9", Tolerance(relative=0.5), True),
        ("OSEM", "osem", Tolerance(relative=1.0), True),
        ("nan", "nan1", Tolerance(relative=1.0), True),
        ("nan", "inf", Tolerance(absolute=1.0), True),
        ("5\\10", "5.01\\10", Tolerance(relative=0.01), False),
        ("5\\10", "5.01\\11", Tolerance(relative=0.01), True),
        ("5\\10", "5", Tolerance(relative=1.0), True),
    ],
)
def test_values_differ_beyond_their_tolerance(
    a: str, b: str, allowed: Tolerance, expected: bool
) -> None:
    assert differ(side(x=a), side(x=b), x=allowed) == {"x": expected}
    assert differ(side(x=b), side(x=a), x=allowed) == {"x": expected}


def test_what_only_one_of_them_has_differs() -> None:
    found = protocols.differences(side(b="1", c="2"), side(a="3", b="1"), {})
    assert found.columns == ["parameter", "a", "b", "unit", "tolerance", "differs"]
    assert found.select("parameter", "a", "b", "differs").rows() == [
        ("a", None, "3", True), ("b", "1", "1", False), ("c", "2", None, True)
    ]  # fmt: skip


def test_two_empty_sides_have_no_differences() -> None:
    empty = protocols.of_lines([])
    assert protocols.differences(empty, empty, {}).is_empty()
    assert protocols.of_siemens(pl.DataFrame({"name": [], "text": []})).is_empty()


def test_units_and_tolerances_are_those_of_the_schema() -> None:
    a, b = side(EchoTime_values="5", FlipAngle_values="9"), side(EchoTime_values="6")
    found = protocols.differences(a, b, protocols.tolerances("MR"))
    assert found.select("parameter", "unit", "tolerance").rows() == [
        ("EchoTime_values", "ms", "1 %"), ("FlipAngle_values", "degrees", "0.5 degrees")
    ]  # fmt: skip
    assert protocols.tolerance("EchoTime_values") == Tolerance(relative=0.01)
    assert protocols.tolerance("Rows_values", "CT") == Tolerance()
    assert protocols.tolerance("nothing") == Tolerance()
    assert protocols.unit("nothing") == ""


def test_a_row_of_series_becomes_its_parameters() -> None:
    row = {
        "Modality": "PT", "Units": "BQML", "PixelSpacing": [4.07283, 4.07283], "Rows_values": [168],
        "SliceThickness_values": None, "CorrectedImage": pl.Series(["DECY", "ATTN"]),
        "PatientWeight": 80.0, "ReconstructionMethod": "",
    }  # fmt: skip
    assert protocols.of_series(row).rows() == [
        ("CorrectedImage", "DECY\\ATTN", ""), ("PixelSpacing", "4.07283\\4.07283", "mm"),
        ("Rows_values", "168", "pixels"), ("Units", "BQML", ""),
    ]  # fmt: skip
    assert protocols.of_series(row, "SR").is_empty()
    assert "PatientWeight" not in protocols.columns("PT")
    assert protocols.columns(None) == ()


def test_of_siemens_protocol_the_stable_pairs_of_the_better_field_remain() -> None:
    rows = [
        ("MrProtocol/alTR[0]", "1"), ("MrPhoenixProtocol/alTR[0]", "2300000"),
        ("MrPhoenixProtocol/lProtID", "-5"), ("MrPhoenixProtocol/lDummyScans", "0"),
        ("MrPhoenixProtocol/sAdjData.uiAdjShimMode", "2"), ("EchoTime", "4"), (None, "x"),
        ("MrPhoenixProtocol", "### ASCCONV BEGIN"),
    ]  # fmt: skip
    elements = pl.DataFrame(rows, schema=["name", "text"], orient="row")
    assert protocols.of_siemens(elements).rows() == [("alTR[0]", "2300000", "")]
    assert protocols.of_siemens(elements[:1]).rows() == [("alTR[0]", "1", "")]
    assert protocols.is_stable("MrPhoenixProtocol/alTR[0]")
    assert not protocols.is_stable("MrPhoenixProtocol/lProtID")
