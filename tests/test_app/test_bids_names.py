"""Names of files after BIDS: entities that a suffix may have, in their order, and none twice.

The oracle is the standard's own: which entities a suffix may and must have is copied from
``src/schema/rules/files/raw`` and the order from ``src/schema/rules/entities.yaml`` of
github.com/bids-standard/bids-specification.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.dashboards import mr
from app.queries import Databank, ask
from ingest.derive import corrections
from ingest.derive.anew import again
from ingest.derive.corrections import Corrected
from ingest.schema import TABLES
from tests import mr_lake
from tests.test_ingest.derive_lake import Reading, add, derive_and_list

ORDER = (
    "sub", "ses", "task", "acq", "ce", "rec", "dir", "run", "echo", "flip", "inv", "mt", "part",
)  # fmt: skip
COMMON = "task? acq? ce? rec? run?"
ALLOWED = {
    ("anat", "T1w T2w PDw T2starw FLAIR angio"): f"{COMMON} echo? part?",
    ("anat", "MESE MEGRE"): f"{COMMON} echo! part?",
    ("anat", "MP2RAGE"): f"{COMMON} echo? flip? inv! part?",
    ("anat", "MTS"): f"{COMMON} echo? flip! mt! part?",
    ("func", "bold sbref"): "task! acq? ce? rec? dir? run? echo? part?",
    ("dwi", "dwi sbref"): "acq? rec? dir? run? part?",
    ("perf", "asl m0scan"): "acq? rec? dir? run?",
    ("fmap", "phasediff phase1 phase2 magnitude1 magnitude2 magnitude fieldmap"): "acq? run?",
    ("fmap", "epi m0scan"): "acq? ce? dir! run?",
}
RULES = {(kind, s): told for (kind, several), told in ALLOWED.items() for s in several.split()}
INDEX = {"run", "echo", "flip", "inv"}


def wrong(name: str) -> str:
    """What is wrong with a file's path; "" if nothing is."""
    *folders, file = name.split("/")
    stem = re.fullmatch(r"([A-Za-z0-9_-]+)\.nii\.gz", file)
    if len(folders) != 3 or not stem:
        return "no path of a file"
    *pairs, suffix = stem[1].split("_")
    entities = [pair.partition("-")[0] for pair in pairs]
    values = {pair.partition("-")[0]: pair.partition("-")[2] for pair in pairs}
    if (folders[2], suffix) not in RULES:
        return f"{folders[2]} has no {suffix}"
    if folders[:2] != [f"sub-{values.get('sub')}", f"ses-{values.get('ses')}"]:
        return "not the folder of its subject and session"
    if not set(entities) <= set(ORDER):
        return "may not have what is no entity"
    if len(values) != len(pairs) or entities != sorted(entities, key=ORDER.index):
        return "entities twice or out of order"
    told = {word[:-1]: word[-1] for word in RULES[folders[2], suffix].split()}
    told |= {"sub": "!", "ses": "?"}
    if unknown := values.keys() - told.keys():
        return f"{suffix} may not have {unknown}"
    if lost := {name for name, how in told.items() if how == "!"} - values.keys():
        return f"{suffix} has to have {lost}"
    for entity, value in values.items():
        if not re.fullmatch(r"[1-9]\d*" if entity in INDEX else r"[A-Za-z0-9]+", value):
            return f"{entity} may not be {value}"
    return ""


EPI = {"ScanningSequence": ["EP"], "SequenceVariant": ["SK"], "FlipAngle": 90.0}
DWI = {**EPI, "ScanningSequence": ["EP", "SE"], "SeriesDescription": "ep2d_diff",
       "EchoTime": 80.0, "RepetitionTime": 5000.0}  # fmt: skip
BOLD = {**EPI, "ScanningSequence": ["EP", "GR"], "SeriesDescription": "bold", "EchoTime": 30.0,
        "RepetitionTime": 2000.0, "ImageType": ["ORIGINAL", "PRIMARY", "FMRI"]}  # fmt: skip
DIXON = {**mr_lake.DYNAMIC, "SeriesDescription": "dixon", "ProtocolName": "dixon"}
MP2RAGE = {"ScanningSequence": ["GR", "IR"], "SequenceVariant": ["SK", "SP", "MP"],
           "MRAcquisitionType": "3D", "RepetitionTime": 5000.0, "EchoTime": 3.0, "FlipAngle": 5.0,
           "SeriesDescription": "mp2rage", "ProtocolName": "mp2rage"}  # fmt: skip
MT = {
    "ScanningSequence": ["GR"], "SequenceVariant": ["SP", "MTC"], "MRAcquisitionType": "3D",
    "RepetitionTime": 28.0, "EchoTime": 2.5, "FlipAngle": 6.0, "SeriesDescription": "gre 3d",
    "ScanOptions": ["MT"],
}  # fmt: skip
STAR = {**mr_lake.FIELD, "SeriesDescription": "t2star", "ProtocolName": "t2star",
        "RepetitionTime": 700.0}  # fmt: skip
SHOWN: list[list[Mapping[str, Any]]] = [
    [mr_lake.T1], [mr_lake.T1], [{**mr_lake.T1, "ContrastBolusAgent": "Gd"}], [mr_lake.T2],
    [mr_lake.LOCALIZER], [mr_lake.ODD],
    [{**mr_lake.FIELD, "EchoTime": 4.92}, {**mr_lake.FIELD, "EchoTime": 7.38}],
    [{**mr_lake.FIELD, "EchoTime": 7.38, "ImageType": ["ORIGINAL", "PRIMARY", "P"]}],
    [{**DWI, "b_value": b, "DiffusionBValue": b} for b in (0.0, 500.0, 1000.0)],
    [{**DWI, "b_value": b, "DiffusionBValue": b, "EchoTime": te} for b in (0.0, 1000.0)
     for te in (80.0, 120.0)],
    [{**DWI, "SeriesDescription": "topup"}],
    [BOLD], [BOLD], [{**BOLD, "EchoTime": te, "EchoNumbers": [n]}
                     for n, te in enumerate((12.0, 30.0), 1)],
    [{**DIXON, "ImageType": ["ORIGINAL", "PRIMARY", part]} for part in ("W", "F", "IN_PHASE")],
    [{**MP2RAGE, "InversionTime": 700.0}], [{**MP2RAGE, "InversionTime": 2500.0}],
    [MT], [{**MT, "SequenceVariant": ["SP"], "ScanOptions": None}],
    [{**MT, "SequenceVariant": ["SP"], "ScanOptions": None, "FlipAngle": 21.0}],
    [{**STAR, "EchoTime": te, "EchoNumbers": [n]} for n, te in enumerate((15.0, 25.0), 1)],
    # echoes as series of their own
    [{**STAR, "SeriesDescription": "echoes", "EchoTime": 15.0, "EchoNumbers": [1]}],
    [{**STAR, "SeriesDescription": "echoes", "EchoTime": 25.0, "EchoNumbers": [2]}],
    [{**STAR, "EchoTime": 25.0, "ImageType": ["ORIGINAL", "PRIMARY", part]} for part in "MP"],
]  # fmt: skip
HAND = ("FIELD_MAP", "SWI", "fMRI_BOLD", "ASL", "T1_GRE_WATER", "T2_TSE", "MRA", "PD_TSE")


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three patients, one of them without a name, with two studies each, on one day."""
    root = tmp_path_factory.mktemp("bids") / "bank"
    files = []
    for study in range(6):
        for number, images in enumerate(SHOWN, 1):
            uid = f"{study}.{number}"
            # Every other study has no times and no numbers, so that nothing but UIDs tells apart.
            known = study % 2 == 0
            own = {
                "acquisition_datetime": mr_lake.TEN + dt.timedelta(minutes=number + 60 * study)
                if known else None,
                "SeriesNumber": number if known else None, "StudyDate": mr_lake.TEN.date(),
                "patient_key": ("a1", "b2", None)[study // 2],
            }  # fmt: skip
            files += [
                Reading(f"{uid}.{n}", f"i{uid}.{n}", str(study), uid,
                        values={**mr_lake.PLAIN, **own, **values})
                for n, values in enumerate(images)
            ]  # fmt: skip
    derive_and_list(root, [add(root, files)], TABLES)
    return root


def names(root: Path) -> list[str]:
    found = ask(Databank(root), "mr_bids", params=mr.NOTHING)
    return found["bids_file"].drop_nulls().to_list()


def test_names_follow_the_standard_and_none_is_there_twice(bank: Path) -> None:
    found = names(bank)
    assert {name: wrong(name) for name in found if wrong(name)} == {}
    assert [name for name, n in Counter(found).items() if n > 1] == []
    suffixes = {name.rpartition("_")[2].partition(".")[0] for name in found}
    assert suffixes >= {"T1w", "T2w", "bold", "dwi", "magnitude1", "magnitude2", "phasediff",
                        "T2starw", "MP2RAGE"}  # fmt: skip
    entities = {pair.partition("-")[0] for name in found for pair in name.split("/")[-1].split("_")}
    assert entities >= {"sub", "ses", "task", "acq", "ce", "run", "echo", "inv", "part"}


def test_classes_of_hand_have_names_that_are_unlike(bank: Path) -> None:
    for number, wanted in enumerate(HAND, 1):
        about = [Corrected(f"{study}.{number}") for study in range(3)]
        corrections.add(bank, about, wanted, who="A", why="b")
    again(bank)
    found = names(bank)
    assert {name: wrong(name) for name in found if wrong(name)} == {}
    assert len(found) == len(set(found))


def test_b_values_are_one_file_and_echoes_are_not(bank: Path) -> None:
    rows = ask(Databank(bank), "mr_bids", params=mr.NOTHING)
    of = {n: rows.filter(SeriesInstanceUID=f"5.{n}") for n in (9, 10)}
    assert of[9].height == 1
    assert of[9]["volume_kind"].item() == "b 0; b 500; b 1000"
    assert of[10].height == 2
    assert of[10]["bids_file"].n_unique() == 2


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("sub-1/ses-1/anat/sub-1_ses-1_T1w.nii.gz", ""),
        ("sub-1/ses-1/func/sub-1_ses-1_bold.nii.gz", "has to have"),
        ("sub-1/ses-1/anat/sub-1_ses-1_run-1_ce-gd_T1w.nii.gz", "out of order"),
        ("sub-1/ses-1/swi/sub-1_ses-1_swi.nii.gz", "has no swi"),
        ("sub-1/ses-2/anat/sub-1_ses-1_T1w.nii.gz", "folder"),
        ("sub-1/ses-1/dwi/sub-1_ses-1_echo-1_dwi.nii.gz", "may not have"),
        ("sub-1/ses-1/anat/sub-1_ses-1_acq-a_b_T1w.nii.gz", "may not"),
    ],
)  # fmt: skip
def test_the_oracle_sees_what_is_wrong(name: str, fault: str) -> None:
    assert fault in wrong(name) if fault else wrong(name) == ""
