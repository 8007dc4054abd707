"""Names and VRs of private elements that pydicom's private dictionary lacks or calls "Unknown".

Look here first, then in pydicom's. Everything is a table of offset, VR and name for a creator and a
group; the sources stand beside the tables.
"""

from __future__ import annotations

import re

from ingest.decoders import names_siemens_xa

_ENTRY = re.compile(r"([0-9A-F]{2}) ([A-Z]{2}) (\S+(?: \S+)*)")

# RSNA CTP as used by The Cancer Imaging Archive: (0013,xx10) is the collection, xx13 the subject.
_CTP = """
10 LO CTP Collection
13 LO CTP Subject ID
15 LO CTP Private Flag
"""

# dcm2niix, GE/README.md (multiband) and issue 602 (bias); see also ge.py for (0043,xx39).
_GE_PARM = """
B6 LO Multiband Parameters
B7 LO Compressed Sensing Parameters
"""

# Philips DICOM conformance statements; dcm2niix, Philips/README.md. pydicom knows the creator in
# mixed case only, and calls scale slope and intercept "Unknown".
_PHILIPS_IMAGING = """
03 FL Diffusion B-Factor                04 CS Diffusion Direction
"""
_PHILIPS_MR = """
0D FL Scale Intercept                   0E FL Scale Slope
"""
_PHILIPS_MR_UPPER = """
0D FL Scale Intercept                   0E FL Scale Slope
B0 FL Diffusion Direction RL            B1 FL Diffusion Direction AP
B2 FL Diffusion Direction FH
"""
_PHILIPS_MR_5 = """
09 DS Rescale Intercept Original        0A DS Rescale Slope Original
0B LO Rescale Type Original             29 CS MR Image Label Type
"""

# pydicom has these for one block number only ("700D0005"), so it finds them in no real file.
_CANON_MR = """
00 DS Scale Factor                      05 DS FOV
0C CS Receiver Gain Correction Check Flag
20 SH Identification Flag of 3D GDC
"""

# The table of the maker in dcm2niix, UIH/README.md (issue 225), and issues 410 (58) and 919 (75,
# 91). VRs agree with the real files.
_UIH_COMMON = """
02 SH FOV
"""
_UIH_FLAG = """
02 US Generate Private
"""
_UIH_IMAGE = """
00 UL MeasurementUID                    02 LO ImageOrientationDisplayed
03 LO ReceiveCoil                       04 SH Interpolation
05 SH PE Direction Displayed            06 IS Slice Group ID
07 OB Uprotocol                         09 FD BActualValue
0A FD BUserValue                        0B DS Block Size
0C SH Experimental Status               0D SH Parallel Information
0F SH Slice Position                    11 SH Sections
13 FD InPlaneRotAngle                   14 DS SliceNormalVector
15 DS SliceCenterPosition               16 UL PixelRotateModel
17 LO SAR Model                         18 LO dB/dt Model
23 LO TablePosition                     25 DS Slice Gap
29 SH AcquisitionDuration               2B LT ApplicationCategory
2C IS RepetitionIndex                   2D ST SequenceDisplayName
2E LO NoiseDecovarFlag                  2F FL ScaleFactor
31 SH MRSequenceVariant                 32 SH MRKSpaceFilter
33 SH MRTableMode                       36 OB MRDiscoParameter
37 FD MRDiffusionGradOrientation        38 FD MRPerfusionNoiseLevel
39 SH MRGradRange                       50 DS MR Number Of Slice In Volume
51 SQ MR VFrame Sequence                58 IS PhaseEncodingDirectionPositive
"""

_TABLES: dict[tuple[str, int], str] = {
    ("CTP", 0x0013): _CTP,
    ("GEMS_PARM_01", 0x0043): _GE_PARM,
    ("PHILIPS IMAGING DD 001", 0x2001): _PHILIPS_IMAGING,
    ("Philips MR Imaging DD 001", 0x2005): _PHILIPS_MR,
    ("PHILIPS MR IMAGING DD 001", 0x2005): _PHILIPS_MR_UPPER,
    ("Philips MR Imaging DD 005", 0x2005): _PHILIPS_MR_5,
    ("CANON_MEC_MR3", 0x700D): _CANON_MR,
    ("Common Private Header", 0x0061): _UIH_COMMON,
    ("DB Dicom Private Creator", 0x0061): _UIH_FLAG,
    ("Image Private Header", 0x0065): _UIH_IMAGE,
    ("SIEMENS MR SDI 02", 0x0021): names_siemens_xa.IMAGE,
    ("SIEMENS MR SDS 01", 0x0021): names_siemens_xa.SERIES,
}


def _entries() -> dict[tuple[str, int, int], tuple[str, str]]:
    return {
        (creator, group, int(offset, 16)): (vr, name)
        for (creator, group), table in _TABLES.items()
        for offset, vr, name in _ENTRY.findall(table)
    }


# (creator, group, offset) -> (VR, name)
NAMES: dict[tuple[str, int, int], tuple[str, str]] = _entries()
