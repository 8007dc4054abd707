"""The patient whose files are broken: one series each, one file each."""

from __future__ import annotations

from typing import Final

from app.demo.elements import Element
from app.demo.records import ABSENT, Patient, Series, Study

# fmt: off
DAMAGED_PATIENTS: Final[tuple[Patient, ...]] = (
    Patient("Demo^Broken", "O", "19800101", 1.75, 75.0, (
        Study("damaged", "force", "20240401", "120000", "Broken on purpose", (
            Series("cut-early", "ct_head", slices=1, damage="cut before SOPInstanceUID"),
            Series("cut-late", "ct_head", slices=1, damage="cut after the UIDs"),
            Series("cut-pixels", "ct_head", slices=1, damage="cut in the pixels"),
            Series("no-meta", "ct_head", slices=1, damage="no meta"),
            Series("no-meta-implicit", "ct_head", slices=1, damage="no meta", syntax="implicit"),
            Series("no-series-uid", "ct_head", {"SeriesInstanceUID": ABSENT}, slices=1),
            Series("bad-values", "ct_head", {
                "SeriesDate": "20231399", "SeriesTime": "996199", "KVP": "abc,5",
                "SliceThickness": "NaN", "Exposure": "1.5e400", "PatientAge": "47 years",
            }, slices=1),
            Series("bad-text", "ct_head", {
                "SpecificCharacterSet": "ISO_IR 192",
                "PatientComments": Element("LT", b"not UTF-8: \xff\xfe\xc3 "),
            }, slices=1),
            Series("formula", "ct_head", {
                "SeriesDescription": "=SUM(A1:A9)", "ProtocolName": "'; DROP TABLE series; --",
                "ImageComments": "<script>alert(1)</script>",
            }, slices=1),
        ), layout="unsorted", oddity="every file is broken in its own way"),
    )),
)
# fmt: on
