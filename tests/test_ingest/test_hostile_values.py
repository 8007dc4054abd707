"""Values that no scanner means, in files of every kind: each file is a row, and so is each series.

A header that costs the ingest of a night is the worst that can happen, so whole runs are tested,
from files to derived tables, and not one reader or one rule.
"""

from __future__ import annotations

import random
import warnings
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.datadict import keyword_for_tag
from pydicom.dataset import Dataset
from pydicom.valuerep import PersonName

from app.demo import CohortSummary
from ingest.derive.mr_rows import FAILED
from tests.test_ingest.pipeline_lakes import assert_sound, counts, read, thinned, value

ODD: dict[str, list[Any]] = {
    "DS": ["1e308", "-1e308", "0", "-0", "1e-308", "NaN", "inf", "99999999999999999", "abc", "",
           "1\\2\\3", "-1"],
    "IS": ["2147483647", "-2147483648", "0", "-1", "99999999999999999999", "", "x", "1\\2"],
    "FD": [1e308, -1e308, float("nan"), float("inf"), 0.0],
    "FL": [3e38, float("nan"), 0.0],
    "US": [0, 65535],
    "DA": ["00010101", "99991231", "20249999", "", "garbage", "19000101"],
    "TM": ["240000", "235960", "0000", "-1", "", "999999.999999"],
    "DT": ["00010101000000", "99991231235959.999999+1400", "", "x"],
    "AS": ["000D", "999Y", "-01Y", "", "45"],
    "CS": ["", "X" * 40, "A\\B", "<b>x</b>"],
    "LO": ["<script>", "", "=1+1", "\u202eabc", "a" * 300, "| pipe | **b** $x$ :red[t]"],
    "PN": ["", "<i>^x"],
}  # fmt: skip
KEPT = ("SOPInstanceUID", "SOPClassUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality")


def changed(found: Dataset, rng: random.Random, share: float) -> None:
    """Put an odd value into a share of the elements, those of items included."""
    for tag in sorted(found.keys()):
        vr = found.get_item(tag).VR or found[tag].VR  # others stay as they are in the file
        if vr == "SQ":
            for item in found[tag].value or ():
                changed(item, rng, share)
        elif vr in ODD and keyword_for_tag(tag) not in KEPT and rng.random() < share:
            odd = rng.choice(ODD[vr])  # as it is: pydicom would refuse it
            found[tag]._value = PersonName(odd) if vr == "PN" else odd


@pytest.mark.parametrize(("seed", "share", "most"), [(1, 0.25, 2), (2, 0.7, 1)])
def test_odd_values_anywhere(
    seed: int, share: float, most: int, demo_cohort: tuple[Path, CohortSummary], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """In ``most`` files of every series."""
    patients = thinned(demo_cohort[0], tmp_path / "files", most) / "patients"
    monkeypatch.setattr(pydicom.config.settings, "writing_validation_mode", pydicom.config.IGNORE)
    rng, n, series = random.Random(seed), 0, set[str]()
    odd = tmp_path / "odd"
    odd.mkdir()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom's about every odd value
        for path in sorted(path for path in patients.rglob("*") if path.is_file()):
            header = pydicom.dcmread(path, stop_before_pixels=True)
            changed(header, rng, share)
            header.save_as(odd / f"{n}.dcm", enforce_file_format=True)
            n += 1
            series.add(str(header.SeriesInstanceUID))
    assert n > 300
    root = tmp_path / "bank"
    summary = read(odd, root)
    assert not summary.troubles
    assert counts(summary) == {"ok": n}
    assert_sound(root)
    assert value(root, "SELECT count(DISTINCT SeriesInstanceUID) FROM series") == len(series)
    failed = "SELECT count(*) FROM mr_cleaned WHERE starts_with(classReason, $1)"
    assert value(root, failed, FAILED) == 0
