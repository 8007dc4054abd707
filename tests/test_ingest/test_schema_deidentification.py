"""What becomes of each column when identity is removed, against what Annex E asks for."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from ingest.schema import TABLES, Column
from ingest.schema.confidentiality import BASIC_PROFILE, DESCRIPTIONS, TIMES, UIDS
from ingest.schema.deidentification import OWN, STRICTEST, TEMPORAL, Action, action, action_of_tag
from ingest.schema.identifiers import IDENTIFYING
from ingest.schema.promoted import load
from ingest.schema.safe_private import SAFE_PRIVATE

COLUMNS = [(table.name, column) for table in TABLES.values() for column in table.columns]


def tags(column: Column) -> list[int]:
    """All tags of the places a column is read from."""
    found = re.findall(r"(?<![0-9A-Fx])([0-9A-F]{8})(?![0-9A-F])", " ".join(column.source))
    return [int(tag, 16) for tag in found]


def of(table: str, name: str) -> Action:
    return action(TABLES[table].column(name))


def test_no_identity_is_kept() -> None:
    for _, column in COLUMNS:
        made = action(column)
        assert made in STRICTEST, column.name
        if column.phi or any(tag in IDENTIFYING for tag in tags(column)):
            assert made in ("remove", "replace", "hash"), column.name
        rows = [tag for tag in tags(column) if tag in BASIC_PROFILE]
        assert not (rows and made == "keep"), column.name
        if any(BASIC_PROFILE[tag].startswith("X") and tag not in TIMES for tag in rows):
            assert made == "remove", column.name
        if any(tag in DESCRIPTIONS for tag in rows):
            assert made in ("remove", "replace"), column.name
        if any(tag in UIDS for tag in rows):
            assert made == "uid", column.name


def test_dates_are_shifted_or_gone() -> None:
    for _, column in COLUMNS:
        if isinstance(column.dtype, TEMPORAL) and column.dtype != pl.Datetime("us", "UTC"):
            # of several patients, so there is no number of days to shift by
            of_many = column.name in ("first_seen", "last_seen")
            gone = "remove" if of_many else "shift"
            expected = "replace" if column.name == "PatientBirthDate" else gone
            assert action(column) == expected, column.name
        elif any(tag in TIMES for tag in tags(column)):
            assert action(column) == "remove", column.name
        else:
            assert action(column) != "shift", column.name


def test_every_uid_of_an_entity_is_replaced() -> None:
    for _, column in COLUMNS:
        if column.name.endswith(("InstanceUID", "InstanceUID_values")):
            assert action(column) == "uid", column.name
        if re.fullmatch("(SOPClass|TransferSyntax)UID(_values)?", column.name):
            assert action(column) == "keep", column.name  # E.3.9 note 4: defined by the standard


def test_private_text_is_removed() -> None:
    for _, column in COLUMNS:
        if any(source.startswith(("CSA", "(")) for source in column.source):
            inner = column.dtype.inner if isinstance(column.dtype, pl.List) else column.dtype
            assert action(column) == ("remove" if inner == pl.String else "keep"), column.name


@pytest.mark.parametrize(("table", "name", "expected"), [
    ("instances", "patient_key", "hash"), ("patients", "patient_key", "hash"),
    ("instances", "PatientID", "hash"), ("studies", "AccessionNumber", "hash"),
    ("instances", "PatientName", "replace"), ("instances", "OtherPatientIDs", "remove"),
    ("instances", "PatientSex", "replace"), ("instances", "PatientAge", "remove"),
    ("studies", "StudyDescription", "remove"), ("studies", "SeriesDescriptions", "remove"),
    ("series", "SeriesDescription", "remove"), ("series", "ProtocolName", "remove"),
    ("series", "FirstSOPInstanceUID", "uid"), ("findings", "StudyInstanceUID", "uid"),
    ("series", "FrameOfReferenceUID_values", "uid"), ("series", "StudyDate", "shift"),
    ("patients", "StudyDate_min", "shift"), ("series", "acquisition_datetime_max", "shift"),
    ("frames", "FrameAcquisitionDateTime", "shift"), ("instances", "StudyTime", "shift"),
    ("instances", "DateOfLastCalibration", "remove"), ("instances", "StationName", "remove"),
    ("instances", "TimezoneOffsetFromUTC", "remove"), ("instances", "DocumentTitle", "remove"),
    ("instances", "Manufacturer", "keep"), ("series", "EchoTime_values", "keep"),
    ("series", "b_value_values", "keep"), ("instances", "csa_tProtocolName", "remove"),
    ("instances", "ctp_subject", "remove"), ("files", "uri", "remove"), ("files", "size", "keep"),
    ("containers", "size", "remove"), ("elements", "text", "remove"), ("runs", "sources", "remove"),
    ("findings", "observed", "remove"), ("elements", "sha256", "remove"),
])  # fmt: skip
def test_columns_known_by_name(table: str, name: str, expected: Action) -> None:
    assert of(table, name) == expected


def test_every_column_of_our_own_was_thought_of() -> None:
    """Unknown ones are removed; one that is new should be decided, not forgotten."""
    names = {re.sub("_(values|min|max|sum|count)$", "", c.name) for _, c in COLUMNS} | {
        c.name for _, c in COLUMNS
    }
    assert OWN.keys() <= names
    element = re.compile(
        r"(FG )?[0-9A-F]{8}(/[0-9A-F]{8})*|CSA .+|\([0-9A-F]{4},xx[0-9A-F]{2}\) .+"
    )
    for _, column in COLUMNS:
        if not any(element.fullmatch(source) for source in column.source):
            base = re.sub("_(values|min|max|sum|count)$", "", column.name)
            assert column.name in OWN or base in OWN, column.name
    assert action(Column("new_thing", pl.String(), "Nobody thought of it")) == "remove"
    assert action(Column("b_value", pl.Float64(), "Identifies all the same", phi=True)) == "remove"


@pytest.mark.parametrize(("tag", "expected"), [
    (0x00100010, "replace"), (0x00100020, "hash"), (0x0020000D, "uid"), (0x00080020, "shift"),
    (0x0008103E, "remove"), (0x00180081, "keep"), (0x00291010, "remove"), (0x00400400, "remove"),
    (0x00001000, "remove"), (0x60004000, "remove"),
])  # fmt: skip
def test_elements(tag: int, expected: Action) -> None:
    assert action_of_tag(tag) == expected


def test_promoted_columns(tmp_path: Path) -> None:
    """The strictest of all sources counts; private ones are kept if a measure, declared so."""
    (tmp_path / "columns.toml").write_text("""
        columns.measure = {source = "(0019,xx8F) ACME", type = "number", phi = false}
        columns.undeclared = {source = "(0019,xx8F) ACME", type = "number"}
        columns.words = {source = "(0019,xx90) ACME", phi = false}
        columns.direction = {source = "(2001,xx04) Philips Imaging DD 001", phi = false}
        columns.field = {source = "CSA Whatever", phi = false}
        columns.mixed = {source = ["00180081", "0008103E"], phi = false}
        columns.within = {source = "00400275/00400009"}
        columns.moment = {source = "00181078", type = "datetime"}
        columns.moment_as_text = {source = "00181078"}
        columns.coil = {source = "00181250"}
    """)
    assert {column.name: action(column) for column in load(tmp_path)} == {
        "measure": "keep", "undeclared": "remove", "words": "remove", "direction": "keep",
        "field": "remove", "mixed": "remove", "within": "remove", "moment": "shift",
        "moment_as_text": "remove", "coil": "keep",
    }  # fmt: skip


def test_safe_private_elements_are_private() -> None:
    assert len(SAFE_PRIVATE) == 30
    for element in SAFE_PRIVATE:
        assert element.group & 1
        assert element.offset <= 0xFF
        assert element.creator == element.creator.upper()
