"""Which private values are known to be free of identity, and so may stand outside `phi/`.

Numbers and code strings are safe, free text is not unless its element is listed here: the burden of
proof is on the text. A name can veto, so a number called "Patient ID" is not safe either. Inside a
decoded payload the vendor chose the fields, so there the rule is a deny-list.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ingest.decoders.payloads import pet_dose

SAFE_VRS = frozenset(
    ("AT", "CS", "DS", "FD", "FL", "IS", "SL", "SS", "SV", "UL", "US", "UV")  # numbers and codes
)
_NUMERIC = SAFE_VRS - {"AT", "CS"}

# (creator, group): offsets of text elements whose values describe the scan. Chosen from the values
# in the real files; left out are station and host names, study and patient text, dates and times,
# free descriptions, and whatever nobody documents.
_SAFE_TEXT: dict[tuple[str, int], str] = {
    ("CTP", 0x0013): "10 15",
    ("SIEMENS CSA HEADER", 0x0029): "08 09 18 19",
    ("SIEMENS MEDCOM HEADER2", 0x0029): "60",
    ("SIEMENS MR HEADER", 0x0019): "08 09 0D 0F 11",
    ("SIEMENS MR HEADER", 0x0051): "08 09 0A 0B 0C 0D 0E 0F 11 12 13 15 16 17 19",
    ("SIEMENS MR SDI 02", 0x0021): "06 1A 29 36 41 4F 56 58 60 67 71 76 77 8B 8E",
    ("SIEMENS MR SDS 01", 0x0021): "06 07 08 09 0C 18 1A 20 22 2B 33 37 3F 5E 5F",
    ("SIEMENS MR SDR 01", 0x0021): "01 02",
    ("GEMS_ACQU_01", 0x0019): "18 1A 9C 9E",
    ("GEMS_IDEN_01", 0x0009): "01 04 E3 E6",
    ("GEMS_IMAG_01", 0x0027): "40 52 53 54 55",
    ("GEMS_RELA_01", 0x0021): "05 18",
    ("GEMS_GENIE_1", 0x0011): "0D",
    ("GEMS_PETD_01", 0x0009): "01 03 04 08 09 0B 0C 11 12 14 15 36 3E 60 61 79 7A A4 A5",
    ("GEMS_PARM_01", 0x0043): "27 2D 2E 61 72 80 81 82 84 88 89 90 95 97 98 AA "
    "B2 B5 B6 B7 BB C1 C2 C3 C4 C5",
    ("Philips Imaging DD 001", 0x2001): "20 25 87 C1",
    ("Philips Imaging DD 002", 0x2001): "76",
    ("PHILIPS IMAGING DD 001", 0x2001): "20 25 87 C1",
    ("Philips MR Imaging DD 001", 0x2005): "1E 1F",
    ("PHILIPS MR IMAGING DD 001", 0x2005): "1E 1F",
    ("Philips MR Imaging DD 004", 0x2005): "95 97",
    ("Philips MR Imaging DD 005", 0x2005): "0B",
    ("Philips MR Imaging DD 006", 0x2005): "62 86",
    ("Common Private Header", 0x0061): "02",
    ("Image Private Header", 0x0065): "02 03 04 05 0C 0D 0F 11 17 18 23 29 2B 2D 2E 31 32 33 39",
}
SAFE_ELEMENTS: frozenset[tuple[str, int, int]] = frozenset(
    (creator, group, int(offset, 16))
    for (creator, group), offsets in _SAFE_TEXT.items()
    for offset in offsets.split()
)

# Names that speak of a person, a place, or text that somebody typed.
_IDENTITY = re.compile(
    r"patient.?s?.?(?:name|id(?!entity)|birth|address|phone|comment|object|other)|\bmrn\b"
    r"|birth|physician|operator|radiologist|person|address|institution|hospital|department"
    r"|station.?name|serial.?n|accession|comment|description|remark|\bnotes?\b|\buser.?name|\blogin"
    r"|host|referr|request|(?:file|path)name|file.name|where_is|admission|telephone|e-?mail",
    re.IGNORECASE,
)

_INDEX = re.compile(r"\[\d+\]")

# CSA tags (and their XA twins) that hold whole documents, text that people or research sequences
# write, or encoded data sets; found by looking through every tag of 466 real payloads.
_CSA_WITH_DOCUMENTS_OR_TYPED_TEXT = """
MrProtocol MrPhoenixProtocol MrEvaProtocol PhoenixZIP SrMsgBuffer PostProcProtocol
FmriExternalInfo FmriExternalParameters FmriModelInfo FmriModelParameters
FmriConditionsDataSequence FmriResultSequence FmriAcquisitionDescriptionSequence
VFModelInfo VFSettings ConfigFileInfo DataFileName PixelFile PixelFileName
UserDefinedImage UserDefinedSeries AASpineModelData SpectrumTextRegionLabel
MRDiffusion MRVelocityEncoding MR_ASL RealWorldValueMapping
Comp_AdjustedParam Comp_AutoParam Comp_JobID ExamLandmarks
"""
_CSA_DENIED = frozenset(_CSA_WITH_DOCUMENTS_OR_TYPED_TEXT.split())
# Protocol keys with free text: tFree carries build strings with the names of sequence authors.
# tSequenceFileName, a template such as %SiemensSeq%\gre, is wanted and names no person.
_PROTOCOL_DENIED = re.compile(r"(?:^|\.)tFree(?:\[|$)|tComment|tText", re.IGNORECASE)
_PROTOCOL_ALLOWED = frozenset(("tSequenceFileName", "tProtocolName"))

# Of a PET dose report only these texts are known to be wanted and harmless; numbers are judged by
# name, since an ID or a birth date is a number too.
_PET_TEXTS = frozenset(("radiopharmaceutical", "radioisotope", "radionuclide", "isotope"))
_PET_NUMBERS = re.compile(
    r"dose|activity|half.?life|volume|weight|height|duration|delay|factor", re.IGNORECASE
)


@lru_cache(maxsize=8192)
def is_safe(creator: str, group: int, offset: int, name: str | None, vr: str) -> bool:
    """Whether the value of a private element is known to be free of identity.

    `name` is the element's name in the dictionary (a veto only). `vr` is the VR it was decoded by.
    """
    if (creator.strip(" \0"), group, offset) in SAFE_ELEMENTS:
        return True
    return vr in SAFE_VRS and not (name and _IDENTITY.search(name))


def csa_field_is_safe(name: str) -> bool:
    """Whether a field of a CSA header or a Siemens protocol may stand outside `phi/`.

    `name` as the decoder gives it (`B_value`, `MrPhoenixProtocol/tProtocolName`). UIDs are safe.
    """
    return _csa_field_is_safe(_INDEX.sub("[0]", name))


@lru_cache(maxsize=8192)
def _csa_field_is_safe(name: str) -> bool:
    """The same, of a name whose indices are 0: thousands of a protocol differ in them alone."""
    tag, slash, key = name.partition("/")
    if not slash:
        return tag not in _CSA_DENIED and not _IDENTITY.search(tag)
    if key in _PROTOCOL_ALLOWED:
        return True
    return not _PROTOCOL_DENIED.search(key) and not _IDENTITY.search(key)


def _pet_field_is_safe(name: str, vr: str) -> bool:
    last = name.rpartition("/")[2]
    if _IDENTITY.search(last):
        return False
    if vr in _NUMERIC:
        return _PET_NUMBERS.search(last) is not None
    return last.strip().casefold() in _PET_TEXTS


def field_is_safe(name: str, vr: str) -> bool:
    """Whether a field that any decoder gave may stand outside `phi/`.

    As `csa_field_is_safe`, and stricter for the fields of a PET dose report.
    """
    if name.startswith(pet_dose.ROOT):
        return _pet_field_is_safe(name, vr)
    return csa_field_is_safe(name)
