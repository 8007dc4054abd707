"""GE MR: names in upper and lower case, scan options with GEMS, the sequence in a private block."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.demo.protocols.mr import LOCALIZER_STEPS, mr
from app.demo.protocols.steps import diffusion, echoes, image_types, repeats, time_points, traces
from app.demo.records import Protocol

_O: Final = ("ORIGINAL", "PRIMARY", "OTHER")

# fmt: off
GE_MR: Final[Mapping[str, Protocol]] = {
    "ge_loc": mr(
        "3-Plane Localizer", 4.9, 1.6, 30, ImageType=_O, ScanningSequence="GR",
        SequenceVariant=("SS", "SP"), ScanOptions="FAST_GEMS", MRAcquisitionType="2D",
        PulseSequenceName="fgre", steps=LOCALIZER_STEPS, slices=3, seconds=18.0,
    ),
    "ge_loc_body": mr(
        "3-Plane Loc SSFSE", 1200, 80.0, 90, ImageType=_O, ScanningSequence="SE",
        SequenceVariant="SS", ScanOptions="FAST_GEMS", MRAcquisitionType="2D",
        PulseSequenceName="ssfse", EchoTrainLength=100, BodyPartExamined="LIVER",
        steps=LOCALIZER_STEPS, slices=3, seconds=18.0, phantom="body",
    ),
    "ge_t1_bravo": mr(
        "Sag T1 BRAVO", 8.2, 3.2, 12, InversionTime=450.0, ImageType=_O, ScanningSequence="GR",
        SequenceVariant=("SS", "SP", "SK"), ScanOptions=("FAST_GEMS", "EDR_GEMS"),
        MRAcquisitionType="3D", PulseSequenceName="efgre3d", plane="SAG", slices=20,
        spacing=(4.0, 4.0, 1.2), seconds=240.0,
        phantom="head_t1",
    ),
    "ge_t2_frfse": mr(
        "Ax T2 FRFSE", 4800, 102.0, 142, ImageType=_O, ScanningSequence="SE", EchoTrainLength=20,
        SequenceVariant="SK", ScanOptions=("FAST_GEMS", "FC"), MRAcquisitionType="2D",
        PulseSequenceName="frfse", slices=14, seconds=130.0,
    ),
    "ge_flair": mr(
        "Ax T2 FLAIR", 9000, 120.0, 160, InversionTime=2250.0, ImageType=_O, EchoTrainLength=24,
        ScanningSequence=("SE", "IR"), SequenceVariant="SK", ScanOptions="FAST_GEMS",
        MRAcquisitionType="2D", PulseSequenceName="flair", slices=14, seconds=210.0,
        phantom="head_flair",
    ),
    "ge_dwi": mr(
        "Ax DWI b1000", 6000, 82.0, 90, ImageType=_O, ScanningSequence=("EP", "SE"),
        SequenceVariant="NONE", ScanOptions=("EPI_GEMS", "PFF", "FS"), MRAcquisitionType="2D",
        PulseSequenceName="epi2", steps=traces(0, 1000), slices=12, seconds=48.0,
    ),
    "ge_dti": mr(
        "Ax DTI 6 directions", 8000, 85.0, 90, ImageType=_O, ScanningSequence=("EP", "SE"),
        SequenceVariant="NONE", ScanOptions=("EPI_GEMS", "PFF", "FS"), MRAcquisitionType="2D",
        PulseSequenceName="epi2", steps=diffusion(0, 800, directions=6), slices=8, rows=48,
        columns=48, seconds=56.0,
    ),
    "ge_asl": mr(
        "3D ASL (non contrast)", 4640, 10.5, 111, ImageType=_O, ScanningSequence="RM",
        SequenceVariant="NONE", ScanOptions=("EDR_GEMS", "SPIRAL_GEMS"), MRAcquisitionType="3D",
        PulseSequenceName="3dasl", slices=12, seconds=270.0,
    ),
    "ge_tof": mr(
        "Ax 3D TOF MRA", 23, 2.6, 20, ImageType=_O, ScanningSequence="GR", SequenceVariant="SS",
        ScanOptions=("FAST_GEMS", "MT", "TOF_GEMS"), MRAcquisitionType="3D",
        PulseSequenceName="tof3d", AngioFlag="Y", slices=24, spacing=(3.0, 3.0, 0.8),
        seconds=260.0,
    ),
    "ge_tof_mip": mr(
        "PJN:Ax 3D TOF MRA", 23, 2.6, 20, ScanningSequence="GR", SequenceVariant="SS",
        ImageType=("DERIVED", "SECONDARY", "PROJECTION IMAGE"), MRAcquisitionType="3D",
        PulseSequenceName="tof3d", AngioFlag="Y", plane="COR", slices=6, seconds=1.0,
    ),
    "ge_epi": mr(
        "fMRI rest EPI", 2000, 30.0, 77, ImageType=_O, ScanningSequence=("EP", "GR"),
        SequenceVariant="SS", ScanOptions=("EPI_GEMS", "PFF"), MRAcquisitionType="2D",
        PulseSequenceName="epiRT", steps=repeats(6), slices=10, rows=32, columns=32,
        spacing=(7.0, 7.0, 4.0), seconds=12.0,
    ),
    "ge_t2star": mr(
        "Ax T2* multi-echo", 600, None, 25, ImageType=_O, ScanningSequence="GR",
        SequenceVariant="SS", ScanOptions="FAST_GEMS", MRAcquisitionType="2D",
        PulseSequenceName="fgre", steps=echoes(2.4, 6.8, 11.2, 15.6, 20.0), slices=6,
        seconds=120.0,
    ),
    "ge_lava_dyn": mr(
        "Ax LAVA Flex dynamic", 5.6, 2.2, 12, ImageType=("DERIVED", "PRIMARY", "DIXON", "WATER"),
        ScanningSequence="GR", SequenceVariant=("SS", "SK"), ScanOptions=("FAST_GEMS", "FS"),
        MRAcquisitionType="3D", PulseSequenceName="LAVAFlex", BodyPartExamined="LIVER",
        steps=time_points(4, 40.0), slices=12, seconds=160.0, phantom="body",
    ),
    "ge_ideal": mr(
        "Ax IDEAL", 7.0, 2.4, 12, ScanningSequence="GR", SequenceVariant="SS",
        ScanOptions="FAST_GEMS", MRAcquisitionType="3D", PulseSequenceName="ideal3d",
        BodyPartExamined="LIVER", slices=8, seconds=20.0, phantom="body",
        steps=image_types(
            ("DERIVED", "PRIMARY", "DIXON", "WATER"),
            ("DERIVED", "PRIMARY", "DIXON", "FAT"),
            ("DERIVED", "PRIMARY", "DIXON", "IN_PHASE"),
            ("DERIVED", "PRIMARY", "DIXON", "OUT_PHASE"),
        ),
    ),
    "ge_dwi_liver": mr(
        "Ax DWI b50 400 800", 5000, 60.0, 90, ImageType=_O, ScanningSequence=("EP", "SE"),
        SequenceVariant="NONE", ScanOptions=("EPI_GEMS", "FS"), MRAcquisitionType="2D",
        PulseSequenceName="epi2", BodyPartExamined="LIVER", steps=traces(50, 400, 800), slices=10,
        seconds=180.0, phantom="body",
    ),
    "ge_mrcp": mr(
        "Cor MRCP 3D", 2400, 620.0, 90, ImageType=_O, ScanningSequence="SE", EchoTrainLength=120,
        SequenceVariant="SK", ScanOptions=("FAST_GEMS", "FS"), MRAcquisitionType="3D",
        PulseSequenceName="frfse3d", BodyPartExamined="ABDOMEN", plane="COR", slices=10,
        seconds=300.0, phantom="body",
    ),
    "ge_ssfse": mr(
        "Cor SSFSE T2", 1100, 92.0, 90, ImageType=_O, ScanningSequence="SE", EchoTrainLength=100,
        SequenceVariant="SS", ScanOptions="FAST_GEMS", MRAcquisitionType="2D",
        PulseSequenceName="ssfse", BodyPartExamined="LIVER", plane="COR", slices=10, seconds=22.0,
        phantom="body",
    ),
}
# fmt: on
