"""Siemens MR: classic with CSA headers, mosaics, and enhanced objects of the XA software."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.demo.protocols.mr import LOCALIZER_STEPS, enhanced_mr, mr
from app.demo.protocols.steps import diffusion, echoes, repeats, traces
from app.demo.records import Protocol, Step

_M: Final = ("ORIGINAL", "PRIMARY", "M", "ND")
_MOSAIC: Final = ("ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC")
_SMALL: Final[Mapping[str, Any]] = {"rows": 32, "columns": 32, "spacing": (7.0, 7.0, 4.0)}

# fmt: off
SIEMENS_MR: Final[Mapping[str, Protocol]] = {
    "si_loc": mr(
        "localizer", 8.6, 4.0, 20, ImageType=("ORIGINAL", "PRIMARY", "M", "NORM", "ND"),
        ScanningSequence="GR", SequenceVariant=("SP", "OSP"), MRAcquisitionType="2D",
        SequenceName="*fl2d1", steps=LOCALIZER_STEPS, slices=3, seconds=12.0,
    ),
    "si_loc_body": mr(
        "localizer", 8.6, 4.0, 20, ImageType=("ORIGINAL", "PRIMARY", "M", "NORM", "ND"),
        ScanningSequence="GR", SequenceVariant=("SP", "OSP"), MRAcquisitionType="2D",
        SequenceName="*fl2d1", steps=LOCALIZER_STEPS, slices=3, seconds=12.0, phantom="body",
    ),
    "si_t1_mprage": mr(
        "t1_mprage_sag_p2_iso", 2300, 2.98, 9, InversionTime=900.0, ImageType=_M,
        ScanningSequence=("GR", "IR"), SequenceVariant=("SK", "SP", "MP"), ScanOptions="IR",
        MRAcquisitionType="3D", SequenceName="*tfl3d1_16ns", plane="SAG", slices=22,
        spacing=(4.0, 4.0, 1.0), seconds=312.0,
        phantom="head_t1",
    ),
    "si_t1_se": mr(
        "t1_se_tra", 550, 10.0, 90, ImageType=_M, ScanningSequence="SE", SequenceVariant=("SP",),
        MRAcquisitionType="2D", SequenceName="*se2d1", slices=14, seconds=180.0,
        phantom="head_t1",
    ),
    "si_t1_tse_spine": mr(
        "t1_tse_sag", 620, 9.8, 150, ImageType=_M, ScanningSequence="SE", EchoTrainLength=3,
        SequenceVariant=("SK", "SP"), MRAcquisitionType="2D", SequenceName="*tse2d1_3",
        BodyPartExamined="LSPINE", plane="SAG", slices=11, seconds=170.0, phantom="body",
    ),
    "si_t2_tse": mr(
        "t2_tse_tra_512", 5200, 98.0, 150, ImageType=_M, ScanningSequence="SE",
        SequenceVariant=("SK", "SP"), MRAcquisitionType="2D", SequenceName="*tse2d1_16",
        EchoTrainLength=16, slices=14, seconds=150.0,
    ),
    "si_t2_tse_spine": mr(
        "t2_tse_sag", 3500, 102.0, 150, ImageType=_M, ScanningSequence="SE", EchoTrainLength=19,
        SequenceVariant=("SK", "SP"), MRAcquisitionType="2D", SequenceName="*tse2d1_19",
        BodyPartExamined="LSPINE", plane="SAG", slices=11, seconds=160.0, phantom="body",
    ),
    "si_stir_spine": mr(
        "t2_tirm_sag", 4200, 70.0, 150, InversionTime=220.0, ImageType=_M, EchoTrainLength=15,
        ScanningSequence=("SE", "IR"), SequenceVariant=("SK", "SP"), MRAcquisitionType="2D",
        SequenceName="*tir2d1_15", BodyPartExamined="LSPINE", plane="SAG", slices=11,
        seconds=190.0, phantom="body",
    ),
    "si_flair": mr(
        "t2_tirm_tra_dark-fluid", 9000, 95.0, 150, InversionTime=2500.0, ImageType=_M,
        ScanningSequence=("SE", "IR"), SequenceVariant=("SK", "SP", "MP"), EchoTrainLength=18,
        MRAcquisitionType="2D", SequenceName="*tir2d1_18", slices=14, seconds=200.0,
        phantom="head_flair",
    ),
    "si_bold": mr(
        "ep2d_bold_moco", 2000, 30.0, 77, ImageType=_MOSAIC, ScanningSequence="EP",
        SequenceVariant="SK", ScanOptions="FS", MRAcquisitionType="2D", SequenceName="*epfid2d1_64",
        EchoTrainLength=64, content="mosaic", grouping="volume", steps=repeats(12), slices=9,
        seconds=24.0, **_SMALL,
    ),
    "si_dti": mr(
        "ep2d_diff_mddw_6_p2", 6800, 88.0, 90, ImageType=(*_M[:2], "DIFFUSION", "NONE", "MOSAIC"),
        ScanningSequence="EP", SequenceVariant=("SK", "SP"), ScanOptions=("PFP", "FS"),
        MRAcquisitionType="2D", SequenceName="*ep_b1000#1", EchoTrainLength=60, content="mosaic",
        grouping="volume", steps=diffusion(0, 1000, directions=6), slices=9, seconds=54.4,
        **_SMALL,
    ),
    "si_trace": mr(
        "ep2d_diff_3scan_trace_p2_TRACEW", 5200, 80.0, 90, EchoTrainLength=60,
        ImageType=("DERIVED", "PRIMARY", "DIFFUSION", "TRACEW", "ND", "NORM"),
        ScanningSequence="EP", SequenceVariant=("SK", "SP"), ScanOptions=("PFP", "FS"),
        MRAcquisitionType="2D", SequenceName="*ep_b1000t", steps=traces(0, 1000), slices=12,
        seconds=78.0,
    ),
    "si_trace_prostate": mr(
        "ep2d_diff_b50_400_800_1400_TRACEW", 4200, 62.0, 90, EchoTrainLength=50,
        ImageType=("DERIVED", "PRIMARY", "DIFFUSION", "TRACEW", "ND"), ScanningSequence="EP",
        SequenceVariant=("SK", "SP"), ScanOptions=("PFP", "FS"), MRAcquisitionType="2D",
        SequenceName="*ep_b50_1400t", BodyPartExamined="PROSTATE",
        steps=traces(50, 400, 800, 1400), slices=9, seconds=260.0, phantom="body",
    ),
    "si_epi_b1000": mr(
        "ep2d_b1000", 4800, 92.0, 90, ImageType=_M, ScanningSequence="EP", EchoTrainLength=64,
        SequenceVariant=("SK", "SP"), ScanOptions="FS", MRAcquisitionType="2D",
        SequenceName="*ep_b1000", steps=traces(1000), slices=12, seconds=60.0,
    ),
    "si_adc": mr(
        "ep2d_diff_3scan_trace_p2_ADC", 5200, 80.0, 90, EchoTrainLength=60,
        ImageType=("DERIVED", "PRIMARY", "DIFFUSION", "ADC", "ND", "NORM"),
        ScanningSequence="EP", SequenceVariant=("SK", "SP"), ScanOptions=("PFP", "FS"),
        MRAcquisitionType="2D", SequenceName="*ep_b0_1000", slices=12, seconds=78.0,
    ),
    "si_fieldmap": mr(
        "gre_field_mapping", 488, None, 60, ImageType=_M, ScanningSequence="GR",
        SequenceVariant="SP", MRAcquisitionType="2D", SequenceName="*fm2d2r",
        steps=echoes(4.92, 7.38), slices=10, seconds=65.0,
    ),
    "si_fieldmap_phase": mr(
        "gre_field_mapping", 488, 7.38, 60, ImageType=("ORIGINAL", "PRIMARY", "P", "ND"),
        ScanningSequence="GR", SequenceVariant="SP", MRAcquisitionType="2D",
        SequenceName="*fm2d2r", slices=10, seconds=65.0,
    ),
    "si_swi": mr(
        "Mag_Images", 27, 20.0, 15, ImageType=(*_M, "NORM"), ScanningSequence="GR",
        SequenceVariant="SP", MRAcquisitionType="3D", SequenceName="*swi3d1r", slices=14,
        seconds=230.0,
    ),
    "si_vibe": mr(
        "t1_fl3d_tra_dyn", 5.2, 2.4, 10, ImageType=_M, ScanningSequence="GR",
        SequenceVariant=("SK", "SP"), ScanOptions="FS", MRAcquisitionType="3D",
        SequenceName="*fl3d1", BodyPartExamined="BREAST", slices=12, seconds=60.0, phantom="body",
    ),
    "si_subtraction": mr(
        "t1_fl3d_tra_dyn_SUB", 5.2, 2.4, 10, ScanningSequence="GR",
        ImageType=("DERIVED", "PRIMARY", "M", "ND", "SUB"), SequenceVariant=("SK", "SP"),
        MRAcquisitionType="3D", SequenceName="*fl3d1", BodyPartExamined="BREAST", slices=12,
        seconds=60.0, phantom="body",
    ),
    "si_mip": mr(
        "t1_fl3d_tra_dyn_SUB_MIP_TRA", 5.2, 2.4, 10, ScanningSequence="GR",
        ImageType=("DERIVED", "SECONDARY", "M", "SUB", "MIP"), SequenceVariant=("SK", "SP"),
        MRAcquisitionType="3D", SequenceName="*fl3d1", BodyPartExamined="BREAST", slices=1,
        seconds=1.0, phantom="body",
    ),
    "si_t2_prostate": mr(
        "t2_tse_tra_320_p2", 4800, 104.0, 160, ImageType=_M, ScanningSequence="SE",
        SequenceVariant=("SK", "SP"), MRAcquisitionType="2D", SequenceName="*tse2d1_25",
        EchoTrainLength=25, BodyPartExamined="PROSTATE", slices=12, seconds=220.0, phantom="body",
    ),
    "si_memprage": mr(
        "t1_mempr_4e", 2530, None, 7, InversionTime=1100.0, ImageType=_M,
        ScanningSequence=("GR", "IR"), SequenceVariant=("SK", "SP", "MP"), MRAcquisitionType="3D",
        SequenceName="*tfl3d4_16ns", steps=echoes(1.69, 3.55, 5.41, 7.27), slices=8,
        spacing=(4.0, 4.0, 2.0), plane="SAG", seconds=360.0,
        phantom="head_t1",
    ),
    "xa_t1": enhanced_mr(
        "t1_mprage_sag_iso", ("ORIGINAL", "PRIMARY", "T1", "NONE"), 2300, 8,
        AcquisitionContrast="T1", InversionRecovery="YES", InversionTimes=900.0,
        EffectiveEchoTime=2.26, PulseSequenceName="tfl3d1_16ns", EchoPulseSequence="GRADIENT",
        MRAcquisitionType="3D", plane="SAG", slices=20, spacing=(4.0, 4.0, 1.0), seconds=300.0,
        phantom="head_t1",
    ),
    "xa_bold": enhanced_mr(
        "ep2d_bold", ("ORIGINAL", "PRIMARY", "FMRI", "NONE"), 1500, 70,
        AcquisitionContrast="T2_STAR", EffectiveEchoTime=30.0, PulseSequenceName="epfid2d1_64",
        EchoPulseSequence="GRADIENT", EchoPlanarPulseSequence="YES", MRAcquisitionType="2D",
        GradientEchoTrainLength=64, grouping="volume", steps=repeats(8), slices=9, seconds=12.0,
        **_SMALL,
    ),
    "xa_dwi": enhanced_mr(
        "ep2d_diff_b0_500_1000", ("ORIGINAL", "PRIMARY", "DIFFUSION", "NONE"), 4300, 90,
        AcquisitionContrast="DIFFUSION", EffectiveEchoTime=72.0, PulseSequenceName="epse2d1_72",
        EchoPulseSequence="SPIN", EchoPlanarPulseSequence="YES", MRAcquisitionType="2D",
        SpectrallySelectedSuppression="FAT", GradientEchoTrainLength=72,
        steps=diffusion(0, 500, 1000, directions=3), slices=8, seconds=90.0, **_SMALL,
    ),
    "si_spectro_name": mr(
        "BOLD_CSI1", 2200, 28.0, 75, ImageType=_MOSAIC, ScanningSequence="EP",
        SequenceVariant="SK", ScanOptions="FS", MRAcquisitionType="2D", SequenceName="*epfid2d1_64",
        EchoTrainLength=64, content="mosaic", grouping="volume",
        steps=(Step(), Step(gain=1.02), *repeats(8)), slices=9, seconds=22.0, **_SMALL,
    ),
}
# fmt: on
