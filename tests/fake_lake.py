"""Batches made from the schema alone, without any DICOM, to test the lake, SQL and pages with.

Values are plausible where pages look at them and NULL elsewhere; everything follows from the seed.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from ingest.lake import batch as batches
from ingest.lake import databank, layout, leftovers, parts, snapshot
from ingest.schema import TABLES

Row = dict[str, Any]
PIXEL_BYTES = 512 * 512 * 2
SCANNERS = (
    ("MR", "SIEMENS", "Prisma", "1.2.840.10008.5.1.4.1.1.4", "BRAIN"),
    ("CT", "GE MEDICAL SYSTEMS", "Revolution CT", "1.2.840.10008.5.1.4.1.1.2", "CHEST"),
    ("PT", "Philips Medical Systems", "Vereos", "1.2.840.10008.5.1.4.1.1.128", "WHOLEBODY"),
    ("MR", "UIH", "uMR 790", "1.2.840.10008.5.1.4.1.1.4", "KNEE"),
)
DESCRIPTIONS = {
    "MR": ("t1_mprage_sag", "t2_tse_tra", "ep2d_diff_b1000", "Größe – 頭部"),
    "CT": ("Localizer", "Thorax 1.0 Br40", "Thorax 5.0 Br64", 'Dose, "low"\nsecond line'),
    "PT": ("WB FDG AC", "WB FDG NAC", "=1+1", "CT AC"),
}
CONSTANT_ELEMENTS = (
    ("00080060", "Modality", "CS"), ("00080070", "Manufacturer", "LO"),
    ("0008103E", "SeriesDescription", "LO"), ("0020000D", "StudyInstanceUID", "UI"),
    ("0020000E", "SeriesInstanceUID", "UI"), ("00280010", "Rows", "US"),
    ("00100010", "PatientName", "PN"), ("00100020", "PatientID", "LO"),
)  # fmt: skip
VARYING_ELEMENTS = (
    ("00080018", "SOPInstanceUID", "UI"), ("00200013", "InstanceNumber", "IS"),
    ("00200032", "ImagePositionPatient", "DS"), ("00204000", "ImageComments", "LT"),
)  # fmt: skip
PRIVATE = ("00291010", "SIEMENS CSA HEADER", "CSA Image Header Info")
IDENTIFYING = frozenset({"00100010", "00100020", "00204000"})


@dataclass
class Part:
    """Rows of one part, by table; phi columns are still among the others."""

    number: int
    run_id: str
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, table: str, **values: Any) -> None:
        self.rows.setdefault(table, []).append(values)

    def next_id(self, table: str) -> int:
        return self.number << 32 | len(self.rows.get(table, ()))


def write_batch(
    root: Path,
    *,
    studies: int = 3,
    series_per_study: int = 4,
    instances_per_series: int = 10,
    seed: int = 0,
    not_dicom: int = 0,
    errors: int = 0,
    duplicates: int = 0,
    changed: int = 0,
    parts_per_batch: int = 1,
    run_state: str = "done",
    commit: bool = True,
) -> str:
    """Write, seal and (unless ``commit`` is false) list a batch; returns its name.

    The databank is made if need be.  ``seed`` decides UIDs and uris: two batches of one seed read
    the same files, so every file of the second replaces one of the first.  ``duplicates`` further
    files hold the instances of the first files under other names; ``changed`` of the first uris
    are read a second time, with another size, and hold a new SOP instance.  The snapshot gets
    ``derived=None``: nothing is derived yet.
    """
    databank.create(root)
    state = snapshot.read(root)
    staging = batches.begin(root, state)
    made = [Part(state.next_part + n, f"run-{staging.batch}") for n in range(parts_per_batch)]
    _fill(made, studies, series_per_study, instances_per_series, seed)
    _add_failures(made[-1], seed, not_dicom, errors)
    _add_again(made[-1], made[0], duplicates, "copy/")
    _add_again(made[-1], made[0], changed, "")
    _add_run(made, run_state)
    rows: dict[str, int] = {}
    for part in made:
        for table, count in write_part(staging, part).items():
            rows[table] = rows.get(table, 0) + count
    name = batches.seal(root, staging, rows)
    if commit:
        next_part = leftovers.part_after(root, [name], state.next_part)
        snapshot.write(root, snapshot.advanced(state, (*state.batches, name), None, next_part))
    return name


def write_part(staging: batches.Staging, part: Part) -> dict[str, int]:
    """Write the Parquet files of a part, split into open and phi; returns rows by table."""
    for table, rows in part.rows.items():
        frame = pl.DataFrame(rows, schema=TABLES[table].schema(), orient="row", strict=True)
        for side in layout.SIDES:
            folder = staging.open_dir if side == "open" else staging.phi_dir
            parts.write(_side(part, table, frame, side), folder, table, side, part.number)
    return {table: len(rows) for table, rows in part.rows.items()}


def _side(part: Part, table: str, frame: pl.DataFrame, side: layout.Side) -> pl.DataFrame:
    if table in layout.ROW_SPLIT:
        tags = [row["tag"] for row in part.rows["element_keys"]]
        hidden = [tags[key & 0xFFFFFFFF] in IDENTIFYING for key in frame["key_id"]]
        return frame.filter(pl.Series(hidden) == (side == "phi"))
    return frame.select(layout.stored_columns(TABLES[table], side))


def _fill(made: list[Part], studies: int, series: int, instances: int, seed: int) -> None:
    for part in made:
        for tag, keyword, vr in (*CONSTANT_ELEMENTS, *VARYING_ELEMENTS):
            part.add(
                "element_keys", key_id=part.next_id("element_keys"), path=tag, tag=tag,
                keyword=keyword, name=keyword, creator=None, vr=vr, private_class=None,
            )  # fmt: skip
        tag, creator, name = PRIVATE
        part.add(
            "element_keys", key_id=part.next_id("element_keys"), path=tag, tag=tag, keyword=None,
            name=name, creator=creator, vr="OB", private_class="vendor_raw",
        )  # fmt: skip
    n = 0
    for study in range(studies):
        for number in range(series):
            _add_series(made[n % len(made)], seed, study, number, instances)
            n += 1


def _add_series(part: Part, seed: int, study: int, number: int, instances: int) -> None:
    rng = random.Random(f"{seed}/{study}/{number}")
    shared = _shared(seed, study, number, rng)
    header_id = part.next_id("headers")
    part.add(
        "headers", header_id=header_id, SeriesInstanceUID=shared["SeriesInstanceUID"],
        n_constant=len(CONSTANT_ELEMENTS) + 1, n_varying=len(VARYING_ELEMENTS),
        private_fingerprint="f" * 64,
    )  # fmt: skip
    keys = {row["tag"]: row["key_id"] for row in part.rows["element_keys"]}
    for tag, keyword, _ in CONSTANT_ELEMENTS:
        _add_element(part, "header_elements", keys[tag], shared[keyword], header_id=header_id)
    part.add(
        "header_elements", header_id=header_id, key_id=keys[PRIVATE[0]], text=None, number=None,
        byte_length=9, sha256="a" * 64,
    )  # fmt: skip
    for position in range(instances):
        values = shared | _own(shared, position, rng)
        _add_file(part, _uri(seed, study, number, position), values, header_id)
    if shared["Modality"] == "PT":
        part.add(
            "radiopharmaceuticals", header_id=header_id, item=1, Radionuclide="^18^Fluorine",
            Radiopharmaceutical="FDG -- fluorodeoxyglucose", RadionuclideTotalDose=3.0e8,
            RadionuclideHalfLife=6586.2,
        )  # fmt: skip
    if number == 0:
        part.add(
            "problems", instance_id=None, header_id=header_id, rule="value_representation",
            path="00080070", expected="LO", observed="UN",
        )  # fmt: skip


def _shared(seed: int, study: int, number: int, rng: random.Random) -> Row:
    modality, maker, model, sop_class, body_part = SCANNERS[study % len(SCANNERS)]
    day = dt.date(2020, 1, 1) + dt.timedelta(days=(seed * 7 + study * 31) % 1500)
    descriptions = DESCRIPTIONS[modality]
    patient = seed * 1000 + study // 2  # two studies of each patient
    return {
        "PatientID": f"P{patient:05d}", "PatientName": f"Müller^Test{patient}",
        "PatientBirthDate": dt.date(1950, 1, 1) + dt.timedelta(days=patient % 9000),
        "PatientSex": "FM"[patient % 2], "PatientAge": "045Y", "PatientWeight": 71.5,
        "patient_key": f"{patient:032x}", "AccessionNumber": f"ACC-{seed}{study}",
        "StudyInstanceUID": f"1.2.826.0.1.{seed}.{study}", "StudyDate": day,
        "StudyTime": dt.time(8 + study % 10, 30, 15, 250000),
        "StudyDescription": f"{body_part} {modality}", "StudyID": str(study),
        "SeriesInstanceUID": f"1.2.826.0.1.{seed}.{study}.{number}", "SeriesNumber": number + 1,
        "SeriesDescription": descriptions[number % len(descriptions)], "Modality": modality,
        "BodyPartExamined": body_part, "PatientPosition": "HFS", "Manufacturer": maker,
        "ManufacturerModelName": model, "SOPClassUID": sop_class,
        "TransferSyntaxUID": "1.2.840.10008.1.2.1", "InstitutionName": "Hospital",
        "StationName": f"STATION{study}", "SoftwareVersions": ["1.0", "2.0"],
        "ImageType": ["ORIGINAL", "PRIMARY", "M"], "Rows": 512, "Columns": 512,
        "BitsAllocated": 16, "BitsStored": 12, "SamplesPerPixel": 1, "PixelRepresentation": 0,
        "PhotometricInterpretation": "MONOCHROME2", "SliceThickness": 2.0,
        "PixelSpacing": [0.5, 0.5], "PixelSpacing_row_mm": 0.5, "PixelSpacing_column_mm": 0.5,
        "ImageOrientationPatient": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0], "slice_normal": [0.0, 0.0, 1.0],
        "FrameOfReferenceUID": f"1.2.826.0.2.{seed}.{study}",
        **_physics(modality, number, rng),
    }  # fmt: skip


def _physics(modality: str, number: int, rng: random.Random) -> Row:
    if modality == "MR":
        return {
            "MagneticFieldStrength": 3.0, "RepetitionTime": 500.0 + 250 * number,
            "EchoTime": 2.5 + number, "FlipAngle": 9.0, "MRAcquisitionType": "3D",
            "b_value": 1000.0 if number == 2 else None,
        }  # fmt: skip
    if modality == "CT":
        return {
            "KVP": 120.0, "XRayTubeCurrent": float(rng.randint(80, 300)), "CTDIvol": 7.5,
            "ConvolutionKernel": ["Br40"],
        }  # fmt: skip
    return {"Radionuclide": "^18^Fluorine", "RadionuclideTotalDose": 3.0e8, "Units": "BQML"}


def _own(shared: Row, position: int, rng: random.Random) -> Row:
    when = dt.datetime.combine(shared["StudyDate"], shared["StudyTime"])
    when += dt.timedelta(minutes=shared["SeriesNumber"] * 5, seconds=position)
    size = rng.randint(10_000, 20_000) + PIXEL_BYTES
    return {
        "SOPInstanceUID": f"{shared['SeriesInstanceUID']}.{position}",
        "InstanceNumber": position + 1, "ImagePositionPatient": [-128.0, -128.0, 2.0 * position],
        "position_x_mm": -128.0, "position_y_mm": -128.0, "position_z_mm": 2.0 * position,
        "slice_position_mm": 2.0 * position, "AcquisitionDate": when.date(),
        "AcquisitionTime": when.time(), "acquisition_datetime": when, "content_datetime": when,
        "n_frames": 1, "ImageComments": f"comment {position}" if position % 2 else None,
        "file_size_bytes": size, "header_bytes": size - PIXEL_BYTES,
        "pixel_data_bytes": PIXEL_BYTES, "n_elements": 13, "n_private_elements": 1,
        "read_by": "template" if position else "tokens",
    }  # fmt: skip


def _add_file(part: Part, uri: str, values: Row, header_id: int) -> None:
    file_id = part.next_id("files")
    part.add(
        "files", file_id=file_id, run_id=part.run_id, uri=uri, container=None,
        size=values["file_size_bytes"], mtime=1_700_000_000_000_000_000, status="ok", reason=None,
        SOPInstanceUID=values["SOPInstanceUID"],
    )  # fmt: skip
    columns = TABLES["instances"].schema()
    known = {name: value for name, value in values.items() if name in columns}
    part.add("instances", **(known | {"instance_id": file_id, "header_id": header_id}))
    if values["Modality"] == "PT":
        part.add(
            "frames", instance_id=file_id, frame=1, slice_position_mm=values["slice_position_mm"],
            ImagePositionPatient=values["ImagePositionPatient"],
        )  # fmt: skip
    keys = {row["tag"]: row["key_id"] for row in part.rows["element_keys"]}
    for tag, keyword, _ in VARYING_ELEMENTS:
        _add_element(part, "instance_elements", keys[tag], values[keyword], instance_id=file_id)
    if values["InstanceNumber"] == 2:
        part.add(
            "problems", instance_id=file_id, header_id=header_id, rule="value_unparsable",
            path="00204000", expected="text", observed=None,
        )  # fmt: skip


def _add_element(part: Part, table: str, key_id: int, value: Any, **owner: int) -> None:
    if value is None:
        return
    text = "\\".join(map(str, value)) if isinstance(value, list) else str(value)
    first = value[0] if isinstance(value, list) else value
    number = float(first) if isinstance(first, (int, float)) else None
    part.add(table, **owner, key_id=key_id, text=text, number=number, byte_length=None, sha256=None)


def _add_failures(part: Part, seed: int, not_dicom: int, errors: int) -> None:
    for n in range(not_dicom + errors):
        broken = n >= not_dicom
        part.add(
            "files", file_id=part.next_id("files"), run_id=part.run_id,
            uri=f"/data/{seed}/other/{n}", container=None, size=100 + n,
            mtime=1_700_000_000_000_000_000, status="error" if broken else "not_dicom",
            reason="the header ends too early" if broken else "no DICOM", SOPInstanceUID=None,
        )  # fmt: skip


def _add_again(part: Part, first: Part, count: int, prefix: str) -> None:
    """Read the first ``count`` files again: under a new uri, or as a new instance of the old."""
    if part is not first and count:
        raise ValueError("duplicates and changed files need a batch of one part")
    originals = list(
        zip(first.rows.get("files", ()), first.rows.get("instances", ()), strict=False)
    )
    if count > len(originals):
        raise ValueError("more duplicates or changed files than instances")
    for file, instance in originals[:count]:
        values = instance | {"file_size_bytes": file["size"] + 2}
        uri = file["uri"]
        if prefix:
            uri = uri.replace("/data/", f"/data/{prefix}")
        else:
            values["SOPInstanceUID"] = instance["SOPInstanceUID"] + ".1"
        _add_file(part, uri, values, instance["header_id"])


def _add_run(made: list[Part], state: str) -> None:
    files = [row["status"] for part in made for row in part.rows.get("files", ())]
    number = int(made[0].run_id.split("-")[1])
    made[0].add(
        "runs", run_id=made[0].run_id, seconds=1.5, sources=["/data"], state=state,
        started=dt.datetime(2024, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=number),
        seen=len(files), ok=files.count("ok"), duplicate=0, not_dicom=files.count("not_dicom"),
        error=files.count("error"), unchanged=0, workers=1, versions="{}",
    )  # fmt: skip


def _uri(seed: int, study: int, series: int, position: int) -> str:
    return f"/data/{seed}/{study}/{series}/IM{position:05d}"
