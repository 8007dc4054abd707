"""Lakes of a few explicit rows, to derive from: a reading of a file says all that matters.

Elements are stored as the reader stores them: what all readings of a series in a part share goes
to the header, the rest to the instances.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from ingest.derive.derivation import derive
from ingest.lake import batch as batches
from ingest.lake import databank, layout, leftovers, snapshot
from ingest.schema import TABLES, Table
from ingest.schema.derived import series_columns
from tests import fake_lake

Row = dict[str, Any]
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
DERIVED = (
    "dropped", "series", "studies", "patients", "protocols", "mr_cleaned", "findings",
    "findings_gone", "private_profiles", "private_blocks",
)  # fmt: skip
SMALL_INSTANCE = frozenset({
    "instance_id", "header_id", "PatientID", "PatientSex", "PatientWeight", "StudyInstanceUID",
    "StudyDate", "AccessionNumber", "SeriesInstanceUID", "SeriesDescription", "Modality",
    "Manufacturer", "ManufacturerModelName", "BodyPartExamined", "SOPInstanceUID", "SOPClassUID",
    "InstanceNumber", "ImageType", "ImageComments", "EchoTime", "FlipAngle", "SoftwareVersions",
    "ImageAndFluoroscopyAreaDoseProduct", "patient_key", "acquisition_datetime",
    "slice_position_mm", "n_frames", "file_size_bytes", "truncation", "XRayTubeCurrent",
})  # fmt: skip


def small_tables(names: Set[str] = SMALL_INSTANCE) -> dict[str, Table]:
    """The schema with every kind of aggregation and type, and few columns: quick to derive."""
    instances = TABLES["instances"]
    kept = tuple(c for c in instances.columns if c.name in names)
    gone = {
        made.name
        for column in instances.columns
        if column.name not in names
        for made in (column, *series_columns(column))
    }
    small = {"instances": replace(instances, columns=kept)}
    for name in ("series", "studies", "patients"):
        columns = tuple(c for c in TABLES[name].columns if c.name not in gone)
        small[name] = replace(TABLES[name], columns=columns)
    return {**TABLES, **small}


SMALL = small_tables()


@dataclass(frozen=True)
class Reading:
    """One file as it was read, maybe in an archive (``container``).

    ``problems`` are (rule, path, expected, observed).
    """

    uri: str
    sop: str | None = None
    study: str | None = "1"
    series: str | None = "1.1"
    status: str = "ok"
    reason: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    elements: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[tuple[str, str | None, str | None, str | None]] = ()
    header_problems: Sequence[tuple[str, str | None, str | None, str | None]] = ()
    frames: Sequence[Mapping[str, Any]] = ()
    container: str | None = None


@dataclass(frozen=True)
class Whole:
    """An archive that was read to its end."""

    uri: str


Told = Reading | Whole


def error(uri: str, reason: str | None = "the header ends too early") -> Reading:
    return Reading(uri, status="error", reason=reason)


def add(root: Path, *parts: Sequence[Told], run: int = 0) -> str:
    """Commit a batch of these parts, with the derived version as it was; returns its name.

    With ``run`` it has the row of a run of that number, too.
    """
    databank.create(root)
    state = snapshot.read(root)
    staging = batches.begin(root, state)
    rows: dict[str, int] = {}
    for n, readings in enumerate(parts):
        part = fake_lake.Part(state.next_part + n, f"run-{staging.batch}")
        _fill(part, readings)
        if run and not n:
            part.add("runs", run_id=f"run {run}", started=EPOCH + timedelta(days=run), seconds=1.0)
        for table, count in fake_lake.write_part(staging, part).items():
            rows[table] = rows.get(table, 0) + count
    name = batches.seal(root, staging, rows)
    next_part = leftovers.part_after(root, [name], state.next_part + len(parts))
    listed = (*state.batches, name)
    snapshot.write(root, snapshot.advanced(state, listed, state.derived, next_part))
    return name


def derive_and_list(
    root: Path, new: Sequence[str] | None, tables: Mapping[str, Table] = SMALL
) -> str:
    """Derive, and make the new version the snapshot's."""
    state = snapshot.read(root)
    version = derive(root, state, new, tables=tables)
    snapshot.write(root, replace(state, derived=version))
    return version


def table(root: Path, name: str, version: str | None = None) -> pl.DataFrame:
    """A derived table, open and phi columns side by side."""
    version = version or snapshot.read(root).derived
    assert version is not None
    frames = []
    for side in layout.SIDES:
        path = layout.derived(root, side) / version / f"{name}.parquet"
        if path.exists():
            frames.append(pl.read_parquet(path))
    if len(frames) == 1:
        return frames[0]
    return frames[0].join(
        frames[1], on=TABLES[name].key, how="left", nulls_equal=True, validate="1:1"
    )


def all_tables(root: Path, version: str | None = None) -> dict[str, pl.DataFrame]:
    return {name: table(root, name, version) for name in DERIVED}


def uris(root: Path) -> dict[int, str]:
    """file_id -> uri of every file that was ever read."""
    frames = [
        pl.read_parquet(path, columns=["file_id", "uri"])
        for path in layout.batches(root, "phi").glob("*/files-*.parquet")
    ]
    return dict(pl.concat(frames).iter_rows()) if frames else {}


def _fill(part: fake_lake.Part, told: Sequence[Told]) -> None:
    for archive in told:
        if isinstance(archive, Whole):
            part.add("containers", run_id=part.run_id, uri=archive.uri, size=1, mtime=1, members=1)
    readings = [reading for reading in told if isinstance(reading, Reading)]
    headers: dict[tuple[str | None, str | None], list[Reading]] = {}
    for reading in readings:
        if reading.status == "ok":
            headers.setdefault((reading.study, reading.series), []).append(reading)
    paths = sorted({path for reading in readings for path in reading.elements})
    for path in paths:
        own = {"creator": "ACME", "private_class": "vendor_raw"} if int(path[3], 16) % 2 else {}
        part.add(
            "element_keys", key_id=part.next_id("element_keys"), path=path, tag=path[:8],
            keyword=None, name=None, vr="LO", creator=own.get("creator"),
            private_class=own.get("private_class"),
        )  # fmt: skip
    keys = {path: part.number << 32 | n for n, path in enumerate(paths)}
    shared = {}
    for key, members in headers.items():
        header_id = part.next_id("headers")
        same = _shared(members)
        part.add(
            "headers", header_id=header_id, SeriesInstanceUID=key[1], n_constant=len(same),
            n_varying=0, private_fingerprint=None,
        )  # fmt: skip
        _elements(part, "header_elements", keys, same, header_id=header_id)
        for problem in members[0].header_problems:
            _problem(part, problem, None, header_id)
        shared[key] = (header_id, same)
    for reading in readings:
        file_id = part.next_id("files")
        part.add(
            "files", file_id=file_id, run_id=part.run_id, uri=reading.uri,
            container=reading.container, size=1,
            mtime=1, status=reading.status, reason=reading.reason, SOPInstanceUID=reading.sop,
        )  # fmt: skip
        if reading.status != "ok":
            continue
        header_id, same = shared[reading.study, reading.series]
        _instance(part, reading, file_id, header_id)
        own = {path: text for path, text in reading.elements.items() if path not in same}
        _elements(part, "instance_elements", keys, own, instance_id=file_id)
    # Ids of instances are those of their files.
    ok = [row["file_id"] for row in part.rows.get("files", ()) if row["status"] == "ok"]
    assert [row["instance_id"] for row in part.rows.get("instances", ())] == ok


def _shared(members: Sequence[Reading]) -> dict[str, str]:
    first, *others = (dict(reading.elements) for reading in members)
    return {
        path: text
        for path, text in first.items()
        if all(other.get(path) == text for other in others)
    }


def _instance(part: fake_lake.Part, reading: Reading, file_id: int, header_id: int) -> None:
    row = {
        "StudyInstanceUID": reading.study, "SeriesInstanceUID": reading.series,
        "SOPInstanceUID": reading.sop, "patient_key": "k", "n_frames": 1,
    }  # fmt: skip
    part.add("instances", **(row | dict(reading.values)), instance_id=file_id, header_id=header_id)
    for problem in reading.problems:
        _problem(part, problem, file_id, header_id)
    for number, frame in enumerate(reading.frames, 1):
        part.add("frames", instance_id=file_id, frame=number, **frame)


def _problem(
    part: fake_lake.Part,
    problem: tuple[str, str | None, str | None, str | None],
    instance_id: int | None,
    header_id: int,
) -> None:
    rule, path, expected, observed = problem
    part.add(
        "problems", instance_id=instance_id, header_id=header_id, rule=rule, path=path,
        expected=expected, observed=observed,
    )  # fmt: skip


def _elements(
    part: fake_lake.Part,
    name: str,
    keys: Mapping[str, int],
    elements: Mapping[str, str],
    **owner: int,
) -> None:
    for path, text in elements.items():
        part.add(
            name, **owner, key_id=keys[path], text=text, number=None, byte_length=None, sha256=None
        )
