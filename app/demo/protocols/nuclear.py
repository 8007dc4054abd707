"""PET and NM: whole-body and brain PET, planar, dynamic and SPECT acquisitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.demo.protocols.row import row
from app.demo.records import Protocol

_CORRECTED: Final = ("NORM", "DTIM", "ATTN", "SCAT", "DECY", "RAN")


def pet(description: str, method: str, **more: Any) -> Protocol:
    """A PET series: one slice an instance, units BQML, decay corrected to the series' start."""
    common = {
        "ImageType": ("ORIGINAL", "PRIMARY"),
        "Units": "BQML",
        "CountsSource": "EMISSION",
        "DecayCorrection": "START",
        "CorrectedImage": _CORRECTED,
        "ReconstructionMethod": method,
        "AttenuationCorrectionMethod": "CT-derived mu-map",
        "ScatterCorrectionMethod": "Model-based",
        "RandomsCorrectionMethod": "DLYD",
        "ConvolutionKernel": "XYZ Gauss5.00",
        "BodyPartExamined": "WHOLEBODY",
        "CollimatorType": "NONE",
        "slices": 20,
        "rows": 48,
        "columns": 48,
        "seconds": 720.0,
        "spacing": (12.0, 12.0, 8.0),
        "phantom": "tracer",
        "content": "pet",
    }
    return row("PositronEmissionTomographyImageStorage", "PT", description, common, more)


def nm(description: str, image_type: tuple[str, ...], part: str, **more: Any) -> Protocol:
    """An NM acquisition: all frames in one instance."""
    common = {
        "ImageType": image_type,
        "BodyPartExamined": part,
        "CollimatorType": "PARA",
        "EnergyWindowInformationSequence": [
            {
                "EnergyWindowName": "Tc99m",
                "EnergyWindowRangeSequence": [
                    {"EnergyWindowLowerLimit": 129.5, "EnergyWindowUpperLimit": 150.5}
                ],
            }
        ],
        "rows": 64,
        "columns": 64,
        "spacing": (4.8, 4.8, 4.8),
        "phantom": "tracer",
        "content": "nm",
        "grouping": "series",
        "seconds": 900.0,
    }
    return row("NuclearMedicineImageStorage", "NM", description, common, more)


# fmt: off
NUCLEAR: Final[Mapping[str, Protocol]] = {
    "pet_wb": pet("PET WB", "PSF+TOF 2i21s"),
    "pet_wb_uncorrected": pet(
        "PET WB Uncorrected", "PSF+TOF 2i21s", AttenuationCorrectionMethod="NONE",
        CorrectedImage=("NORM", "DTIM", "DECY", "RAN"),
    ),
    "pet_vpfx": pet("WB 3D MAC", "VPFX", ConvolutionKernel="Standard"),
    "pet_vpfx_uncorrected": pet(
        "WB 3D NAC", "VPFX", AttenuationCorrectionMethod="NONE",
        CorrectedImage=("NORM", "DTIM", "DECY", "RAN"),
    ),
    "pet_blob": pet("Body-Low Dose CTAC", "BLOB-OS-TF", Units="CNTS", slices=18),
    "pet_osem": pet("PET WB OSEM", "OSEM TOF"),
    "pet_brain": pet(
        "PET Brain", "OSEM3D 4i24s", slices=18, spacing=(6.0, 6.0, 6.0), seconds=600.0,
        phantom="head", BodyPartExamined="BRAIN",
    ),
    "nm_bone": nm(
        "Whole Body Bone", ("ORIGINAL", "PRIMARY", "WHOLE BODY", "EMISSION"), "WHOLEBODY",
        slices=2, rows=96, columns=32, spacing=(20.0, 20.0, 1.0), phantom="body",
    ),
    "nm_dynamic": nm(
        "Renal Dynamic", ("ORIGINAL", "PRIMARY", "DYNAMIC", "EMISSION"), "KIDNEY", slices=40,
        seconds=1200.0,
    ),
    "nm_static": nm(
        "Thyroid Static", ("ORIGINAL", "PRIMARY", "STATIC", "EMISSION"), "THYROID", slices=1,
        seconds=300.0,
    ),
    "nm_tomo": nm(
        "Myocard Stress TOMO", ("ORIGINAL", "PRIMARY", "TOMO", "EMISSION"), "HEART", slices=32,
    ),
    "nm_recon": nm(
        "Myocard Stress RECON", ("DERIVED", "SECONDARY", "RECON TOMO", "EMISSION"), "HEART",
        slices=24, seconds=1.0,
    ),
    "nm_brain": nm(
        "DaTscan RECON", ("DERIVED", "SECONDARY", "RECON TOMO", "EMISSION"), "BRAIN", slices=24,
        phantom="head", seconds=1800.0,
    ),
}
# fmt: on
