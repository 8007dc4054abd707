"""Radiographs, mammograms, ultrasound and documents."""

from __future__ import annotations

from typing import Final

from app.demo.records import Patient, Series, Study

# fmt: off
PROJECTION_PATIENTS: Final[tuple[Patient, ...]] = (
    Patient("Демо^Ирис", "F", "19760606", 1.66, 67.0, (
        Study("dx-chest", "ysio", "20240112", "080500", "Röntgen Thorax 2 Ebenen", (
            Series("pa", "dx_chest_pa"),
            Series("lat", "dx_chest_lat"),
        )),
    ), ("ISO_IR 192",)),
    Patient("Demo^Heath", "M", "19991010", 1.83, 78.0, (
        Study("dx-hand", "fuji", "20240119", "190000", "Hand right", (
            Series("hand", "dx_hand"),
        )),
        Study("cr-knee", "agfa", "20240830", "101000", "Knie", (
            Series("knee", "cr_knee"),
        )),
    )),
    Patient("Demo^Isle", "F", "19680316", 1.64, 70.0, (
        Study("mg-screening", "hologic", "20240126", "140500", "Screening Mammography", (
            Series("mg", "mg_screening"),
        )),
        Study("mg-control", "senographe", "20250131", "143000", "Screening Mammography", (
            Series("mg", "mg_screening"),
            Series("report", "document", {"SeriesDescription": "Befund"}, scanner="workstation"),
        )),
    )),
    Patient("Demo^Kelp", "M", "19731125", 1.79, 93.0, (
        Study("us-abdomen", "epiq", "20240202", "093000", "Sonographie Abdomen", (
            Series("still", "us_still"),
            Series("cine", "us_cine", syntax="rle"),
        )),
    )),
    Patient("Demo^Lichen", "F", "19940228", 1.70, 61.0, (
        Study("us-liver", "logiq", "20240209", "151000", "US LIVER", (
            Series("still", "us_still", syntax="rle"),
            Series("cine", "us_cine"),
        )),
    )),
)
# fmt: on
