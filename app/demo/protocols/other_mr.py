"""MR of United Imaging and Canon, and a low-field scanner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.demo.protocols.mr import LOCALIZER_STEPS, mr
from app.demo.protocols.steps import diffusion
from app.demo.records import Protocol

_UIH: Final = ("ORIGINAL", "PRIMARY", "M", "UCA", "IF")
_CANON: Final = ("ORIGINAL", "PRIMARY", "GDC")

# fmt: off
OTHER_MR: Final[Mapping[str, Protocol]] = {
    "uih_scout": mr(
        "scout", 6.0, 2.3, 20, ImageType=_UIH, ScanningSequence="GR", SequenceVariant="SP",
        MRAcquisitionType="2D", SequenceName="gre_scout", steps=LOCALIZER_STEPS, slices=3,
        seconds=9.0,
    ),
    "uih_t1": mr(
        "t1_gre_fsp_3d_sag", 7.25, 3.1, 10, InversionTime=750.0, ImageType=_UIH,
        ScanningSequence=("GR", "IR"), SequenceVariant="NONE", MRAcquisitionType="3D",
        SequenceName="gre_fsp", plane="SAG", slices=18, spacing=(4.0, 4.0, 1.0), seconds=190.0,
        phantom="head_t1",
    ),
    "uih_t2": mr(
        "t2_fse_tra", 4400, 104.0, 90, ImageType=_UIH, ScanningSequence="SE",
        SequenceVariant="SK", MRAcquisitionType="2D", SequenceName="fse", EchoTrainLength=17,
        slices=14, seconds=110.0,
    ),
    "uih_t1_post": mr(
        "t1_fse_tra 增强", 600, 11.0, 90, ImageType=_UIH, ScanningSequence="SE",
        SequenceVariant="SK", MRAcquisitionType="2D", SequenceName="fse", EchoTrainLength=3,
        ContrastBolusAgent="钆喷酸葡胺", slices=14, seconds=120.0, phantom="head_t1",
    ),
    "uih_dwi": mr(
        "epi_dwi_tra_b0_800", 3200, 76.0, 90, ImageType=_UIH, ScanningSequence=("SE", "EP"),
        SequenceVariant="NONE", ScanOptions="FS", MRAcquisitionType="2D", SequenceName="epi_dwi",
        EchoTrainLength=58, steps=diffusion(0, 800, directions=3), slices=10, rows=48,
        columns=48, seconds=70.0,
    ),
    "canon_loc": mr(
        "LOCATOR", 5.6, 2.2, 20, ImageType=_CANON, ScanningSequence="GR", SequenceVariant="NONE",
        MRAcquisitionType="2D", SequenceName="FFE2D", steps=LOCALIZER_STEPS, slices=3,
        seconds=10.0,
    ),
    "canon_dti": mr(
        "DTI_AP-ortho", 10000, 79.0, 90, ImageType=_CANON, ScanningSequence=("SE", "EP"),
        SequenceVariant="NONE", ScanOptions=("PFP", "NONE", "S2_0"), MRAcquisitionType="2D",
        SequenceName="SEEPI2D+0.7", EchoTrainLength=30, steps=diffusion(0, 1000, directions=3),
        slices=10, rows=48, columns=48, seconds=80.0,
    ),
    "canon_mrcp": mr(
        "MRCP 2D slab", 9000, 600.0, 90, ImageType=_CANON, ScanningSequence="SE",
        SequenceVariant="SK", ScanOptions="FS", MRAcquisitionType="2D", SequenceName="FASE2D",
        EchoTrainLength=200, BodyPartExamined="ABDOMEN", plane="COR", slices=4, seconds=18.0,
        phantom="body",
    ),
    "canon_t1": mr(
        "T1_SE_AX", 500, 12.0, 90, ImageType=_CANON, ScanningSequence="SE",
        SequenceVariant="NONE", MRAcquisitionType="2D", SequenceName="SE12", slices=12,
        seconds=160.0,
        phantom="head_t1",
    ),
    "low_t1": mr(
        "T1 SE SAG", 450, 20.0, 90, ImageType=("ORIGINAL", "PRIMARY", "SE"),
        ScanningSequence="SE", SequenceVariant="NONE", MRAcquisitionType="2D",
        SequenceName="SE", BodyPartExamined="KNEE", plane="SAG", slices=10, seconds=240.0,
        phantom="limb",
    ),
    "low_t2": mr(
        "T2 FSE SAG", 3000, 110.0, 90, ImageType=("ORIGINAL", "PRIMARY", "SE"),
        ScanningSequence="SE", SequenceVariant="SK", MRAcquisitionType="2D",
        SequenceName="FSE", EchoTrainLength=12, BodyPartExamined="KNEE", plane="SAG", slices=10,
        seconds=220.0, phantom="limb",
    ),
}
# fmt: on
