"""Philips MR, classic and enhanced: technique names such as TFE and FFE-EPI, stacks, scale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.demo.protocols.mr import LOCALIZER_STEPS, enhanced_mr, mr
from app.demo.protocols.steps import diffusion, repeats
from app.demo.records import Protocol, Step


def _kind(name: str) -> tuple[str, ...]:
    return ("ORIGINAL", "PRIMARY", f"M_{name}", "M", name)


_MULTI_ECHO: Final = (11.0, 22.0, 33.0, 44.0, 55.0, 66.0)
_DIXON: Final = ("WATER", "FAT", "IN_PHASE", "OUT_PHASE")
_KNEE: Final[Mapping[str, Any]] = {
    "BodyPartExamined": "KNEE", "spacing": (2.5, 2.5, 3.3), "phantom": "limb", "slices": 12,
}  # fmt: skip

# fmt: off
PHILIPS_MR: Final[Mapping[str, Protocol]] = {
    "ph_survey": mr(
        "SURVEY", 11, 4.6, 15, ImageType=_kind("FFE"), ScanningSequence="GR",
        SequenceVariant="SS", ScanOptions="FC", MRAcquisitionType="2D", PulseSequenceName="T1FFE",
        steps=LOCALIZER_STEPS, slices=3, seconds=20.0,
    ),
    "ph_survey_knee": mr(
        "SURVEY", 11, 4.6, 15, ImageType=_kind("FFE"), ScanningSequence="GR",
        SequenceVariant="SS", ScanOptions="FC", MRAcquisitionType="2D", PulseSequenceName="T1FFE",
        BodyPartExamined="KNEE", steps=LOCALIZER_STEPS, slices=3, seconds=20.0, phantom="limb",
    ),
    "ph_t1_tfe": mr(
        "3D T1 TFE", 8.1, 3.7, 8, InversionTime=1010.0, ImageType=_kind("FFE"),
        ScanningSequence="GR", SequenceVariant="MP", MRAcquisitionType="3D",
        PulseSequenceName="T1TFE", plane="SAG", slices=20, spacing=(4.0, 4.0, 1.0), seconds=290.0,
        phantom="head_t1",
    ),
    "ph_t2_tse": mr(
        "T2W_TSE", 3200, 80.0, 90, ImageType=_kind("SE"), ScanningSequence="SE",
        SequenceVariant="SK", MRAcquisitionType="2D", PulseSequenceName="TSE", EchoTrainLength=15,
        slices=14, seconds=140.0,
    ),
    "ph_flair": mr(
        "FLAIR_longTR", 11000, 125.0, 90, InversionTime=2800.0, ImageType=_kind("IR"),
        ScanningSequence=("IR",), SequenceVariant="SK", ScanOptions="FS", MRAcquisitionType="2D",
        PulseSequenceName="TIR", EchoTrainLength=27, slices=14, seconds=220.0,
        phantom="head_flair",
    ),
    "ph_dwi": mr(
        "DWI_SSh_3dir", 3800, 88.0, 90, ImageType=_kind("SE"), ScanningSequence="SE",
        SequenceVariant="SK", ScanOptions=("FS", "PFP"), MRAcquisitionType="2D",
        PulseSequenceName="DwiSE", EchoTrainLength=55, steps=diffusion(0, 1000, directions=3),
        slices=10, rows=48, columns=48, seconds=38.0,
    ),
    "ph_fmri": mr(
        "FE_EPI_fMRI", 2200, 30.0, 80, ImageType=_kind("FFE"), ScanningSequence="GR",
        SequenceVariant="SK", ScanOptions="FS", MRAcquisitionType="2D", PulseSequenceName="FEEPI",
        EchoTrainLength=43, steps=repeats(5), slices=10, rows=32, columns=32,
        spacing=(7.0, 7.0, 4.0), seconds=11.0,
    ),
    "ph_pcasl": mr(
        "pCASL", 4550, 15.3, 90, ImageType=("ORIGINAL", "PRIMARY", "PERFUSION_FFE", "PERFUSION",
        "FFE"), ScanningSequence="GR", SequenceVariant="SK", ScanOptions="FS",
        MRAcquisitionType="2D", PulseSequenceName="FEEPI", EchoTrainLength=39, slices=10,
        seconds=282.0,
    ),
    "ph_pd_spair": mr(
        "PDW_TSE_SPAIR", 3400, 30.0, 90, ImageType=_kind("SE"), ScanningSequence="SE",
        SequenceVariant="SK", ScanOptions="FS", MRAcquisitionType="2D", PulseSequenceName="TSE",
        EchoTrainLength=9, seconds=180.0, **_KNEE,
    ),
    "ph_t1_tse": mr(
        "T1W_TSE", 560, 18.0, 90, ImageType=_kind("SE"), ScanningSequence="SE",
        SequenceVariant="SK", MRAcquisitionType="2D", PulseSequenceName="TSE", EchoTrainLength=5,
        seconds=170.0, **_KNEE,
    ),
    "ph_stir": mr(
        "STIR_longTE", 4300, 60.0, 90, InversionTime=165.0, ImageType=_kind("IR"),
        ScanningSequence="IR", SequenceVariant="SK", MRAcquisitionType="2D",
        PulseSequenceName="TIR", EchoTrainLength=12, seconds=200.0, **_KNEE,
    ),
    "phe_t2map": enhanced_mr(
        "T2 map multi-echo", ("ORIGINAL", "PRIMARY", "T2", "NONE"), 2500, 90,
        AcquisitionContrast="T2", PulseSequenceName="TSE", EchoPulseSequence="SPIN",
        MRAcquisitionType="2D", MultipleSpinEcho="YES", BodyPartExamined="KNEE", phantom="limb",
        steps=tuple(
            Step({"EffectiveEchoTime": te}, gain=1.0 - te / 120) for te in _MULTI_ECHO
        ), slices=6, rows=48, columns=48, seconds=240.0,
    ),
    "phe_dwi": enhanced_mr(
        "DWI b0-1000", ("ORIGINAL", "PRIMARY", "DIFFUSION", "NONE"), 4000, 90,
        AcquisitionContrast="DIFFUSION", EffectiveEchoTime=79.0, PulseSequenceName="DwiSE",
        EchoPulseSequence="SPIN", EchoPlanarPulseSequence="YES", MRAcquisitionType="2D",
        steps=diffusion(0, 100, 600, 1000, directions=1), slices=8, rows=48, columns=48,
        seconds=95.0,
    ),
    "phe_mdixon": enhanced_mr(
        "mDIXON-All", ("ORIGINAL", "PRIMARY", "T1", "MIXED"), 5.4, 10, AcquisitionContrast="T1",
        EffectiveEchoTime=2.3, PulseSequenceName="T1FFE", EchoPulseSequence="GRADIENT",
        MRAcquisitionType="3D", BodyPartExamined="ABDOMEN", phantom="body",
        steps=tuple(
            Step({"FrameType": ("DERIVED", "PRIMARY", "T1", kind)}, gain=1.0 - 0.12 * number)
            for number, kind in enumerate(_DIXON)
        ), slices=8, rows=48, columns=48, seconds=16.0,
    ),
}
# fmt: on
