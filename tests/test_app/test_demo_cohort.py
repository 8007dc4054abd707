"""The demo cohort: deterministic, readable, and as its tables say.

Oracles are pydicom for elements and pixels, nibabel for CSA headers and mosaic geometry, gzip and
zipfile for containers, and numbers worked out by hand from the tables.
"""

from __future__ import annotations

import ast
import gzip
import hashlib
import io
import shutil
import sys
import warnings
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileDataset

import app.demo
from app.demo import KINDS, CohortSummary, cohort_series, write_cohort, write_instances
from app.demo.acquisition import Acquisition
from app.demo.cohort import MARKER, _complete
from app.demo.csa import IMAGE_FIELDS, ascconv, encode_csa2
from app.demo.damage import DAMAGES, dicomdir
from app.demo.elements import SYNTAXES, elements_of, number_text
from app.demo.protocols import PROTOCOLS
from app.demo.scanners import SCANNERS
from app.demo.studies import DAMAGED_PATIENTS, PATIENTS
from app.demo.writer import written_instances

SERIES = {(it.study.key, it.series.key): it for it in cohort_series()}
DIRECTORY_CLASS = "1.2.840.10008.1.3.10"


@pytest.fixture(scope="module")
def cohort(demo_cohort: tuple[Path, CohortSummary]) -> tuple[Path, CohortSummary]:
    return demo_cohort


def read(content: bytes, *, force: bool = False) -> FileDataset:
    return pydicom.dcmread(io.BytesIO(content), force=force)


def read_series(study: str, series: str) -> list[FileDataset]:
    return [read(written.content) for written in written_instances(SERIES[study, series])]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file and every member of an archive, by name."""
    found: dict[str, bytes] = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                assert archive.testzip() is None
                found |= {f"{name}!{n}": archive.read(n) for n in archive.namelist()}
        else:
            found[name] = path.read_bytes()
    return found


def elements(data_set: Dataset) -> list[Any]:
    """All elements, those of items included."""
    return list(data_set.iterall())


# --- determinism and the marker


class Again(NamedTuple):
    """The cohort written once more, where a part of it was left; and what was told meanwhile."""

    folder: Path
    summary: CohortSummary
    seen: list[tuple[int, int]]


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Again:
    folder = tmp_path_factory.mktemp("again")
    (folder / "patients").mkdir()
    (folder / "patients" / "left over.dcm").write_bytes(b"")
    (folder / MARKER).write_text('{"generator": "taglake demo cohort", "complete": false}')
    seen: list[tuple[int, int]] = []
    summary = write_cohort(folder, progress=lambda done, total: seen.append((done, total)))
    return Again(folder, summary, seen)


def test_the_same_seed_gives_the_same_bytes(
    cohort: tuple[Path, CohortSummary], again: Again
) -> None:
    folder, summary = cohort
    assert again.summary == summary

    def digests(root: Path) -> dict[str, str]:
        return {
            path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in root.rglob("*")
            if path.is_file()
        }

    assert digests(again.folder) == digests(folder)


def test_another_seed_and_another_copy_share_no_uid() -> None:
    uids = [
        {it.series_uid for it in cohort_series(seed=seed, scale=scale)}
        for seed, scale in ((7, 1), (8, 1), (7, 2))
    ]
    assert not uids[0] & uids[1]
    assert uids[0] < uids[2]
    assert len(uids[2]) == 2 * len(uids[0]) - len(DAMAGED_PATIENTS[0].studies[0].series)


def test_a_second_call_writes_nothing(cohort: tuple[Path, CohortSummary]) -> None:
    folder, summary = cohort
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert write_cohort(folder) == summary
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_an_incomplete_cohort_is_written_again_and_progress_ends_at_the_total(
    cohort: tuple[Path, CohortSummary], again: Again, tmp_path: Path
) -> None:
    _, summary = cohort
    folder, found, seen = again
    assert found == summary
    assert not (folder / "patients" / "left over.dcm").exists()
    assert seen[-1] == (summary.files, summary.files)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert {total for _, total in seen} == {summary.files}
    changed = Path(shutil.copytree(folder, tmp_path / "changed"))
    assert _complete(changed, 7, 1) == summary
    (changed / "README.txt").write_bytes(b"")
    assert _complete(changed, 7, 1) is None
    assert _complete(changed, 8, 1) is None


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="no demo cohort"):
        write_cohort(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_scale_below_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="scale"):
        write_cohort(tmp_path, scale=0)


# --- the summary and the tables


def classified(content: bytes) -> tuple[str, Dataset | None]:
    """`instance`, `error` or `not_dicom`, with nothing but pydicom and the first bytes."""
    has_magic = content[128:132] == b"DICM"
    if not has_magic and content[:4] != b"\x08\x00\x05\x00":
        return "not_dicom", None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data_set = pydicom.dcmread(io.BytesIO(content), force=True, stop_before_pixels=True)
        if len(data_set) == 0 or data_set.file_meta.get("MediaStorageSOPClassUID") == (
            DIRECTORY_CLASS
        ):
            return "not_dicom", None
        if "SOPClassUID" not in data_set or "SOPInstanceUID" not in data_set:
            return "error", None
    return "instance", data_set


@pytest.fixture(scope="module")
def found(cohort: tuple[Path, CohortSummary]) -> list[tuple[str, Dataset | None]]:
    """What each file and archive member is, in the eyes of pydicom."""
    return [classified(content) for content in contents(cohort[0]).values()]


def test_the_summary_is_what_pydicom_counts(
    cohort: tuple[Path, CohortSummary], found: list[tuple[str, Dataset | None]]
) -> None:
    folder, summary = cohort
    kinds = Counter(kind for kind, _ in found)
    instances = [data_set for _, data_set in found if data_set is not None]
    uids = {data_set.SOPInstanceUID for data_set in instances}
    assert summary.files == len(found)
    assert summary.ok == len(uids)
    assert summary.duplicates == len(instances) - len(uids)
    assert summary.not_dicom == kinds["not_dicom"]
    assert summary.errors == kinds["error"]
    assert summary.archives == len(list(folder.rglob("*.zip")))
    assert summary.patients == len({data_set.PatientID for data_set in instances})
    assert summary.studies == len({data_set.StudyInstanceUID for data_set in instances})
    series = {data_set.get("SeriesInstanceUID") for data_set in instances}
    assert summary.series == len(series - {None})
    assert summary.files == sum((summary.ok, summary.duplicates, summary.not_dicom, summary.errors))


def test_the_size_is_as_promised(cohort: tuple[Path, CohortSummary]) -> None:
    _, summary = cohort
    counts = (summary.patients, summary.studies, summary.series)
    assert counts == (57, 109, 316)
    assert (summary.files, summary.ok) == (2628, 2617)
    assert (summary.duplicates, summary.not_dicom, summary.errors) == (3, 7, 1)
    assert summary.size_bytes < 60e6


def test_every_series_holds_what_its_table_says(
    found: list[tuple[str, Dataset | None]],
) -> None:
    by_series: dict[str, list[Dataset]] = {}
    for _, data_set in found:
        if data_set is not None and "SeriesInstanceUID" in data_set:
            by_series.setdefault(data_set.SeriesInstanceUID, []).append(data_set)
    for it in SERIES.values():
        if it.study.key == "damaged":
            continue
        files = by_series[it.series_uid]
        assert {f.SOPInstanceUID for f in files} == {
            it.instance_uid(instance.number) for instance in it.instances
        }
        first = files[0]
        assert first.StudyInstanceUID == it.study_uid
        assert first.PatientID == it.patient_id
        assert str(first.PatientName) == it.patient.name
        assert first.Modality == it.series.changes.get("Modality", it.protocol.modality)
        assert first.SOPClassUID.keyword == it.protocol.sop_class
        assert first.Manufacturer == it.scanner.attributes["Manufacturer"]
        assert first.file_meta.TransferSyntaxUID == SYNTAXES[it.series.syntax].uid
        assert first.StudyDescription == it.study.description
        if "SeriesDescription" not in it.series.changes:
            assert first.SeriesDescription == it.protocol.description


def test_every_key_of_the_tables_exists_and_is_used() -> None:
    used = {it.series.protocol for it in SERIES.values()}
    assert used == PROTOCOLS.keys()
    assert {it.series.scanner or it.study.scanner for it in SERIES.values()} == SCANNERS.keys()
    assert {it.series.syntax for it in SERIES.values()} == SYNTAXES.keys()
    assert {it.series.damage for it in SERIES.values()} == DAMAGES.keys()
    studies = [study.key for patient in PATIENTS for study in patient.studies]
    assert len(studies) == len(set(studies))


@pytest.mark.parametrize(
    ("modality", "makers"),
    [
        ("MR", {"SIEMENS", "Siemens Healthineers", "GE MEDICAL SYSTEMS", "Philips",
                "Philips Medical Systems", "UIH", "CANON_MEC", "Hitachi Medical Corporation"}),
        ("CT", {"SIEMENS", "GE MEDICAL SYSTEMS", "Philips", "TOSHIBA", "UIH"}),
        ("PT", {"SIEMENS", "GE MEDICAL SYSTEMS", "Philips Medical Systems", "UIH"}),
        ("NM", {"SIEMENS NM", "GE MEDICAL SYSTEMS, NUCLEAR"}),
        ("DX", {"SIEMENS", "FUJIFILM Corporation"}),
        ("CR", {"Agfa-Gevaert"}),
        ("MG", {"HOLOGIC, Inc.", "GE MEDICAL SYSTEMS"}),
        ("US", {"Philips Medical Systems", "GE Healthcare"}),
        ("SR", {"SIEMENS"}),
        ("SEG", {"QIICR", "Taglake Demo"}),
        ("RTSTRUCT", {"Varian Medical Systems"}),
        ("DOC", {"Taglake Demo"}),
        ("OT", {"SIEMENS"}),
    ],
)  # fmt: skip
def test_every_modality_comes_from_its_makers(modality: str, makers: set[str]) -> None:
    found = {
        it.scanner.attributes["Manufacturer"]
        for it in SERIES.values()
        if it.protocol.modality == modality
    }
    assert makers <= found


WHOLE = [key for key in SERIES if key[0] not in ("damaged", "qa-weight-text", "qa-activity-text")]


@pytest.mark.parametrize("key", WHOLE, ids="/".join)
def test_pydicom_reads_every_series_without_a_warning(key: tuple[str, str]) -> None:
    """The first file of each: all values, all items, only UIDs of 2.25 and of the standard."""
    it = SERIES[key]
    data_set = read(next(iter(written_instances(it))).content)
    assert len(elements(data_set)) > 20
    for element in elements(data_set):
        if element.VR == "UI":
            uids = element.value if element.VM > 1 else [element.value]
            assert all(uid.startswith(("2.25.", "1.2.840.10008.")) for uid in uids)
    if "PixelData" in data_set:
        assert np.ptp(data_set.pixel_array) > 0


# --- transfer syntaxes and character sets

SAMPLES = ("si3t-research/dti", "ge3t-brain/dwi", "ph3t-brain/dwi", "xa-enhanced/dwi",
           "us-liver/cine", "ct-abdomen/portal", "pet-normal/pet", "nm-bone/wb")  # fmt: skip


@pytest.mark.parametrize("syntax", sorted(SYNTAXES))
@pytest.mark.parametrize("sample", SAMPLES)
def test_every_transfer_syntax_says_the_same(sample: str, syntax: str) -> None:
    study, series = sample.split("/")
    it = SERIES[study, series]
    plain = next(iter(written_instances(_in_syntax(it, "explicit")))).content
    other = next(iter(written_instances(_in_syntax(it, syntax)))).content
    expected, found = read(plain), read(other)
    assert found.file_meta.TransferSyntaxUID == SYNTAXES[syntax].uid
    assert found.keys() == expected.keys()
    if syntax != "implicit":  # where pydicom must guess the VR of private elements
        differing = [e.tag for e in expected if e.keyword != "PixelData" and e != found[e.tag]]
        assert differing == []
    np.testing.assert_array_equal(found.pixel_array, expected.pixel_array)


def _in_syntax(it: Acquisition, syntax: str) -> Acquisition:
    return replace(it, series=replace(it.series, syntax=syntax))


@pytest.mark.parametrize(
    ("study", "term", "raw"),
    [
        ("uih-brain", "GB18030", "月冰".encode("gb18030")),
        ("canon-brain", "ISO 2022 IR 87", "見本".encode("iso2022_jp")),
        ("si3t-spine", "ISO_IR 100", "Jürgen".encode("latin-1")),
        ("dx-chest", "ISO_IR 192", "Ирис".encode()),
    ],
)
def test_names_stand_in_their_character_set(study: str, term: str, raw: bytes) -> None:
    it = next(it for it in SERIES.values() if it.study.key == study)
    content = next(iter(written_instances(it))).content
    assert raw in content
    data_set = read(content)
    assert term in data_set.SpecificCharacterSet
    assert str(data_set.PatientName) == it.patient.name
    assert data_set.StudyDescription == it.study.description


def test_decimal_strings_fit_their_sixteen_bytes() -> None:
    numbers = (-1.23456789012e-05, 1 / 3, -0.0, 1e22, 123456789.123456, -719.0123456789)
    assert [len(number_text(number)) <= 16 for number in numbers] == [True] * len(numbers)
    assert number_text(-0.0) == "0"
    assert float(number_text(1 / 3)) == pytest.approx(1 / 3, rel=1e-9)


def test_an_unknown_keyword_is_an_error() -> None:
    with pytest.raises(KeyError, match="EchoTiem"):
        elements_of({"EchoTiem": 1})


# --- Siemens


@pytest.fixture(scope="module")
def csareader() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nibabel calls its DICOM readers experimental
        from nibabel.nicom import csareader as module
    return module


def csa_items(csareader: Any, data_set: Dataset, kind: str) -> dict[str, list[Any]]:
    header = csareader.get_csa_header(data_set, kind)
    assert header["type"] == 2
    assert header["check"] == 77
    return {name: tag["items"] for name, tag in header["tags"].items()}


def test_nibabel_reads_the_csa_image_header(csareader: Any) -> None:
    files = read_series("si3t-research", "dti")
    headers = [csa_items(csareader, file, "image") for file in files]
    assert [h["B_value"] for h in headers] == [[0], *[[1000]] * 6]
    assert headers[0]["DiffusionGradientDirection"] == []
    assert headers[4]["DiffusionGradientDirection"] == [0.6, 0.8, 0.0]
    assert headers[4]["B_matrix"] == pytest.approx([360.0, 480.0, 0.0, 640.0, 0.0, 0.0])
    for header in headers:
        assert header["NumberOfImagesInMosaic"] == [9]
        assert header["SliceNormalVector"] == [0.0, 0.0, 1.0]
        assert header["PhaseEncodingDirectionPositive"] == [1]
        assert header["BandwidthPerPixelPhaseEncode"] == [62.5]  # 1 / (0.5 ms * 32 lines)
        assert header["MosaicRefAcqTimes"] == pytest.approx(
            [i * 54400 / 7 / 9 for i in (0, 5, 1, 6, 2, 7, 3, 8, 4)], abs=0.06
        )
    csa, text = files[4].private_block(0x29, "SIEMENS CSA HEADER"), files[4].private_block(
        0x19, "SIEMENS MR HEADER")  # fmt: skip
    assert csa[0x08].value == "IMAGE NUM 4"
    assert (text[0x0C].value, text[0x0A].value) == (1000, 9)
    assert text[0x0E].value == [0.6, 0.8, 0.0]


def test_nibabel_reads_the_csa_series_header_and_its_protocol(csareader: Any) -> None:
    (first, *_) = read_series("si3t-research", "dti")
    header = csa_items(csareader, first, "series")
    assert header["MrProtocolVersion"] == [51130001]
    (protocol,) = header["MrPhoenixProtocol"]
    text = protocol if isinstance(protocol, str) else protocol.decode("latin-1")
    block = text[text.index("### ASCCONV BEGIN") : text.index("### ASCCONV END ###")]
    entries = dict(line.split("\t = \t") for line in block.splitlines()[1:])
    assert entries["tProtocolName"] == '""ep2d_diff_mddw_6_p2""'
    assert entries["alTR[0]"] == "6800000"
    assert entries["alTE[0]"] == "88000"
    assert entries["sSliceArray.lSize"] == "9"
    assert entries["sDiffusion.alBValue[1]"] == "1000"
    assert entries["sDiffusion.lDiffDirections"] == "6"


def test_a_moved_csa_block_is_found_by_its_creator(csareader: Any) -> None:
    (first, *_) = read_series("si3t-spine", "stir")
    assert first[0x0029, 0x0010].value == "DEMO ARCHIVE 1.0"
    assert first[0x0029, 0x0011].value == "SIEMENS CSA HEADER"
    assert csa_items(csareader, first, "image")["ProtocolSliceNumber"] == [0]
    assert (0x0029, 0x1110) in first


def test_nibabel_agrees_on_the_place_of_a_mosaic() -> None:
    it = SERIES["si3t-research", "bold"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nibabel.nicom.dicomwrappers import wrapper_from_data

        wrapped = wrapper_from_data(read(next(iter(written_instances(it))).content))
        assert wrapped.image_shape == (32, 32, 9)
        np.testing.assert_allclose(
            wrapped.image_position, it.instances[0].first.position, atol=1e-3
        )
        np.testing.assert_allclose(wrapped.slice_normal, (0, 0, 1))
        assert wrapped.get_data().shape == (32, 32, 9)


def test_csa_refuses_a_field_it_does_not_have() -> None:
    with pytest.raises(KeyError, match="Bvalue"):
        encode_csa2(IMAGE_FIELDS, {"Bvalue": [1000]})


def test_ascconv_quotes_text_and_leaves_numbers() -> None:
    lines = ascconv({"tName": "a b", "ucMode": "0x2", "dFlip": 12.5}, 7).splitlines()
    assert lines[0].startswith("### ASCCONV BEGIN object=MrProtDataImpl@MrProtocolData version=7 ")
    assert lines[1:] == ["ulVersion\t = \t7", 'tName\t = \t""a b""', "ucMode\t = \t0x2",
                         "dFlip\t = \t12.5", "### ASCCONV END ###"]  # fmt: skip


def test_the_pet_dose_report_is_xml_with_parallel_lists() -> None:
    from xml.etree import ElementTree

    (first, *_) = read_series("pet-normal", "pet")
    xml = first.private_block(0x29, "SIEMENS CSA HEADER")[0x10].value.rstrip(b"\0")
    root = ElementTree.fromstring(xml)
    assert root.tag == "PetDoseReportData"
    names = [node.text for node in root.iter("m_StatisticsNameVector")]
    values = [node.text for node in root.iter("m_StatisticsValueVector1")]
    report = dict(zip(names, values, strict=True))
    assert report["Radionuclide Total Dose"] == "210.0 MBq"
    assert report["Inj. Start Time"] == "08:34:00"


# --- the other makers


def test_ge_private_blocks() -> None:
    files = read_series("ge3t-brain", "dwi")
    parameters = [file.private_block(0x43, "GEMS_PARM_01") for file in files]
    assert {block[0x39].value[0] for block in parameters} == {10**9, 10**9 + 1000}
    assert {file[0x00189087].value for file in files} == {0.0, 1000.0}
    block = files[0].private_block(0x25, "GEMS_SERS_01")[0x1B].value
    length = int.from_bytes(block[:4], "little")
    text = gzip.decompress(block[4 : 4 + length]).decode()
    assert 'SEDESC "Ax DWI b1000"' in text.splitlines()
    assert files[0].private_block(0x19, "GEMS_ACQU_01")[0x9C].value == "epi2"
    assert files[0].private_block(0x27, "GEMS_IMAG_01")[0x41].value == pytest.approx(
        files[0].SliceLocation
    )


def test_philips_private_blocks() -> None:
    files = read_series("ph3t-brain", "dwi")
    imaging = [file.private_block(0x2001, "Philips Imaging DD 001") for file in files]
    assert Counter(block[0x03].value for block in imaging) == {0.0: 10, 1000.0: 30}
    mr = files[-1].private_block(0x2005, "Philips MR Imaging DD 001")
    assert mr[0x0E].value == pytest.approx(8.285334587)
    assert [mr[offset].value for offset in (0xB0, 0xB1, 0xB2)] == [0.0, 0.0, 1.0]
    stack = imaging[0][0x5F].value[0]
    assert stack.private_block(0x2001, "Philips Imaging DD 001")[0x2D].value == 10


def test_uih_and_canon_private_blocks() -> None:
    last = read_series("uih-brain", "dwi")[-1]
    image = last.private_block(0x65, "Image Private Header")
    assert (image[0x09].value, image[0x37].value) == (800.0, [0.0, 0.0, 1.0])
    (first, *_) = read_series("canon-brain", "dti")
    assert first.private_block(0x700D, "CANON_MEC_MR3")[0x0C].value == "Y"


def test_enhanced_mr_keeps_its_echoes_and_b_values_in_functional_groups() -> None:
    (echoes,) = read_series("ph-enhanced", "t2map")
    frames = echoes.PerFrameFunctionalGroupsSequence
    assert len(frames) == echoes.NumberOfFrames == 36
    found = [frame.MREchoSequence[0].EffectiveEchoTime for frame in frames]
    assert found[::6] == [11.0, 22.0, 33.0, 44.0, 55.0, 66.0]
    assert "RepetitionTime" not in echoes
    (shared,) = echoes.SharedFunctionalGroupsSequence
    assert shared.MRTimingAndRelatedParametersSequence[0].RepetitionTime == 2500
    (diffusion,) = read_series("xa-enhanced", "dwi")
    b_values = {
        frame.MRDiffusionSequence[0].DiffusionBValue
        for frame in diffusion.PerFrameFunctionalGroupsSequence
    }
    assert b_values == {0.0, 500.0, 1000.0}
    block = diffusion.SharedFunctionalGroupsSequence[0].private_block(0x21, "SIEMENS MR SDS 01")
    inner = block[0xFE].value[0].private_block(0x21, "SIEMENS MR SDS 01")
    assert b"### ASCCONV BEGIN" in inner[0x19].value


# --- what the tables expect, worked out again from the files


def uptake_and_dose(data_set: Dataset) -> tuple[float, float | None]:
    """Minutes and MBq/kg of a PET whose header leaves no doubt."""
    item = data_set.RadiopharmaceuticalInformationSequence[0]
    injected = datetime.strptime(item.RadiopharmaceuticalStartDateTime, "%Y%m%d%H%M%S.%f")
    acquired = datetime.strptime(
        data_set.AcquisitionDate + data_set.AcquisitionTime, "%Y%m%d%H%M%S.%f"
    )
    weight = data_set.get("PatientWeight")
    dose = float(item.RadionuclideTotalDose) / 1e6
    return (acquired - injected).total_seconds() / 60, dose / float(weight) if weight else None


PLAIN_PETS = [
    it
    for it in SERIES.values()
    if it.protocol.modality == "PT"
    and it.series.injections[0].written == "datetime"
    and it.series.expect.get("dose_per_kg_MBq") is not None
    and it.series.expect.get("uptake_minutes") is not None
    and it.study.key not in ("pet-repeated", "qa-zero-weight-ct")
]


@pytest.mark.parametrize("it", PLAIN_PETS, ids=lambda it: it.study.key)
def test_uptake_and_dose_are_as_expected(it: Acquisition) -> None:
    first = read(next(iter(written_instances(it))).content)
    minutes, dose = uptake_and_dose(first)
    assert minutes == pytest.approx(it.series.expect["uptake_minutes"])
    assert dose == pytest.approx(it.series.expect["dose_per_kg_MBq"], abs=1e-4)


def test_the_oddities_of_injection_times_are_in_the_headers() -> None:
    def item_of(study: str, series: str = "pet") -> Dataset:
        found: Dataset = read_series(study, series)[0].RadiopharmaceuticalInformationSequence[0]
        return found

    (midnight, *_) = read_series("pet-midnight", "pet")
    start = midnight.RadiopharmaceuticalInformationSequence[0].RadiopharmaceuticalStartTime
    assert (start[:4], midnight.AcquisitionTime[:4]) == ("2346", "0036")
    assert "RadiopharmaceuticalStartDateTime" not in item_of("pet-midnight")
    assert item_of("pet-philips").RadiopharmaceuticalStartTime == "1253"
    assert item_of("pet-zirconium").RadiopharmaceuticalStartDateTime.startswith("20240205")
    assert uptake_and_dose(read_series("pet-negative", "pet")[0])[0] == -20.0
    assert "PatientWeight" not in read_series("pet-no-weight", "pet")[0]
    assert read_series("pet-infant", "pet")[0].PatientAge == "018M"
    assert item_of("nm-myocard", "tomo").RadionuclideTotalDose == 370
    assert item_of("nm-bone", "wb").RadionuclideTotalDose == 660e6
    assert "RadionuclideTotalDose" not in item_of("pet-no-activity")
    assert len(read_series("pet-two-agents", "pet")[0].RadiopharmaceuticalInformationSequence) == 2
    assert "PatientWeight" not in read_series("pet-repeated", "pet")[0]
    assert read_series("pet-repeated", "ct")[0].PatientWeight == 73
    assert item_of("pet-unreadable").RadiopharmaceuticalStartTime == "NOT RECORDED"


def test_the_dose_reports_add_up() -> None:
    reports = [key for key, it in SERIES.items() if it.series.doses]
    assert len(reports) > 10
    for study, series in reports:
        (report,) = read_series(study, series)
        numbers: dict[str, list[float]] = {}
        for item in elements(report):
            if item.keyword == "ContentSequence":
                for content in item.value:
                    if content.ValueType == "NUM":
                        name = content.ConceptNameCodeSequence[0].CodeValue
                        value = float(content.MeasuredValueSequence[0].NumericValue)
                        numbers.setdefault(name, []).append(value)
        expected = SERIES[study, series].series.expect
        assert numbers["113830"] == pytest.approx(expected["dose_ctdivol_mGy"])
        assert numbers["113813"] == pytest.approx([expected["dose_dlp_total_mGycm"]])
        assert sum(numbers["113838"]) == pytest.approx(numbers["113813"][0])


def test_the_oddities_of_mr_are_in_the_headers() -> None:
    assert "SeriesDescription" not in read_series("si15-contrast", "unnamed")[0]
    assert read_series("si15-contrast", "t1-post")[0].ContrastBolusAgent == "NO.2"
    assert "ContrastBolusAgent" not in read_series("si15-contrast", "t1-pre")[0]
    assert read_series("si3t-repeat", "t1-a")[0].SeriesDescription == "subject_01 T1"
    assert read_series("si3t-repeat", "csi")[0].SeriesDescription == "BOLD_CSI1"
    dixon = {file.ImageType[3] for file in read_series("ge15-liver", "ideal")}
    assert dixon == {"WATER", "FAT", "IN_PHASE", "OUT_PHASE"}
    phases = {file.TemporalPositionIdentifier for file in read_series("ge15-liver", "dyn")}
    assert phases == {1, 2, 3, 4}
    dynamic = [read_series("si15-breast", f"dyn-{n}")[0] for n in range(5)]
    times = [file.AcquisitionTime for file in dynamic]
    assert times == sorted(set(times))
    assert ["ContrastBolusAgent" in file for file in dynamic] == [False, True, True, True, True]


def test_derived_objects_refer_to_instances_of_their_source() -> None:
    sources = {it.instance_uid(i.number) for it in (SERIES["ct-planning", "ct"],)
               for i in it.instances}  # fmt: skip
    (structures,) = read_series("ct-planning", "rtstruct")
    (segments,) = read_series("ct-planning", "seg")
    for derived in (structures, segments):
        referenced = {e.value for e in elements(derived) if e.keyword == "ReferencedSOPInstanceUID"}
        assert sources <= referenced
    contour = structures.ROIContourSequence[0].ContourSequence[0]
    assert len(contour.ContourData) == 3 * contour.NumberOfContourPoints
    masks = segments.pixel_array
    assert masks.shape == (44, 64, 64)
    assert set(np.unique(masks)) == {0, 1}
    (report,) = read_series("si15-prostate", "report")
    assert report.EncapsulatedDocument.startswith(b"%PDF-1.4")


# --- damage


def broken(cohort: tuple[Path, CohortSummary], name: str) -> bytes:
    return (cohort[0] / "unsorted" / name).read_bytes()


def test_damaged_files_are_broken_as_they_say(cohort: tuple[Path, CohortSummary]) -> None:
    early = read(broken(cohort, "cut-early-1.dcm"))
    assert "SOPClassUID" in early
    assert "SOPInstanceUID" not in early
    late = read(broken(cohort, "cut-late-1.dcm"))
    assert "SeriesInstanceUID" in late
    assert "PixelSpacing" not in late
    pixels = read(broken(cohort, "cut-pixels-1.dcm"))
    assert len(pixels.PixelData) == 64 * 64 * 2 - 500
    assert "SeriesInstanceUID" not in read(broken(cohort, "no-series-uid-1.dcm"))
    for name in ("no-meta-1.dcm", "no-meta-implicit-1.dcm"):
        content = broken(cohort, name)
        assert content[:2] == b"\x08\x00"
        assert read(content, force=True).Modality == "CT"
    with pytest.warns(UserWarning, match="1.5e400"), pytest.raises(OverflowError):
        elements(read(broken(cohort, "bad-values-1.dcm")))
    with pytest.warns(UserWarning, match="Failed to decode"):
        elements(read(broken(cohort, "bad-text-1.dcm")))
    assert broken(cohort, "empty.dcm") == b""
    assert broken(cohort, "preamble only.dcm") == bytes(128) + b"DICM"


def test_duplicates_share_a_uid_with_the_same_and_with_other_content(
    cohort: tuple[Path, CohortSummary],
) -> None:
    originals = read_series("ct-thorax", "native")
    same = read(broken(cohort, "copy of a slice.dcm"))
    other = read(broken(cohort, "same UID other content.dcm"))
    assert same == originals[0]
    assert other.SOPInstanceUID == originals[1].SOPInstanceUID
    assert other != originals[1]
    assert (originals[1].WindowWidth, other.WindowWidth) == (400, 770)


def test_the_dicomdir_opens() -> None:
    directory = read(dicomdir(7))
    assert directory.file_meta.MediaStorageSOPClassUID == DIRECTORY_CLASS
    first = directory.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity
    assert dicomdir(7)[first : first + 4] == b"\xfe\xff\x00\xe0"
    assert directory.DirectoryRecordSequence[0].DirectoryRecordType == "PATIENT"


# --- write_instances


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_many_instances_of_every_kind(kind: str, tmp_path: Path) -> None:
    assert write_instances(tmp_path, kind, 3, 4) == 12
    files = [pydicom.dcmread(path) for path in sorted(tmp_path.rglob("*.dcm"))]
    assert len({file.SOPInstanceUID for file in files}) == 12
    assert Counter(file.SeriesInstanceUID for file in files).most_common()[0][1] == 4
    assert len({file.SeriesInstanceUID for file in files}) == 3
    for file in files:
        assert file.file_meta.MediaStorageSOPInstanceUID == file.SOPInstanceUID
        assert len(elements(file)) > 50
        assert file.pixel_array.size


def test_a_later_call_adds_other_series(tmp_path: Path) -> None:
    write_instances(tmp_path / "a", "ct", 12, 1)
    write_instances(tmp_path / "b", "ct", 2, 1, first_series=10)
    first = [pydicom.dcmread(path) for path in sorted((tmp_path / "a").rglob("*.dcm"))]
    later = [pydicom.dcmread(path) for path in sorted((tmp_path / "b").rglob("*.dcm"))]
    assert later == first[10:]
    assert len({file.StudyInstanceUID for file in first}) == 3
    assert len({file.PatientID for file in first}) == 2


# --- independence


def test_the_generator_imports_only_pydicom_numpy_and_the_standard_library() -> None:
    allowed = {"pydicom", "numpy", "app", *sys.stdlib_module_names}
    for path in Path(app.demo.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            else:
                continue
            assert {name.split(".")[0] for name in names} <= allowed
            assert all(n.startswith("app.demo") for n in names if n.startswith("app"))
