"""Siemens CSA2 headers and the protocol text in them, from field names and values.

The layout ("SV10", a table of named fields, items of padded text) is not published by its maker;
it is written as the scanners of software versions VB to VE do, as nibabel's and other readers
describe it, and the tests read it back with nibabel.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

Values = Sequence[float | int | str]


class CsaField(NamedTuple):
    """A field of the table: VM as written there, VR, and the code that stands beside the VR."""

    name: str
    vm: int
    vr: str


SYNGO_TYPES: Final[Mapping[str, int]] = {
    "UN": 0, "DS": 3, "FD": 4, "FL": 5, "IS": 6, "SL": 7, "SS": 8, "UL": 9, "US": 10,
    "CS": 16, "LO": 19, "LT": 20, "SH": 22, "ST": 23, "UI": 25, "UT": 27,
}  # fmt: skip


def _fields(table: str) -> tuple[CsaField, ...]:
    rows = (line.split() for line in table.strip().splitlines())
    return tuple(CsaField(name, int(vm), vr) for name, vm, vr in rows)


IMAGE_FIELDS: Final = _fields("""
    EchoLinePosition 1 IS
    EchoColumnPosition 1 IS
    EchoPartitionPosition 1 IS
    UsedChannelMask 1 UL
    UsedChannelString 1 UT
    Actual3DImaPartNumber 1 IS
    ICE_Dims 1 LO
    B_value 1 IS
    ProtocolSliceNumber 1 IS
    RealDwellTime 1 IS
    PixelFile 1 UN
    SliceMeasurementDuration 1 DS
    SequenceMask 1 UL
    AcquisitionMatrixText 1 SH
    MeasuredFourierLines 1 IS
    PhaseEncodingDirectionPositive 1 IS
    NumberOfImagesInMosaic 1 US
    DiffusionGradientDirection 3 FD
    SliceNormalVector 3 FD
    DiffusionDirectionality 1 CS
    TimeAfterStart 1 DS
    FlipAngle 1 DS
    EchoTime 1 DS
    ImagePositionPatient 3 DS
    ImageOrientationPatient 6 DS
    ImaAbsTablePosition 3 SL
    NonPlanarImage 1 US
    SlicePosition_PCS 3 FD
    ImaRelTablePosition 3 IS
    ImaCoilString 1 LO
    RFSWDDataType 1 SH
    GSWDDataType 1 SH
    ImaPATModeText 1 LO
    B_matrix 6 FD
    BandwidthPerPixelPhaseEncode 1 FD
    FMRIStimulLevel 0 FD
    MosaicRefAcqTimes 0 FD
    AutoInlineImageFilterEnabled 1 IS
    QCData 0 FD
    ImageHistory 0 LO
""")
SERIES_FIELDS: Final = _fields("""
    UsedPatientWeight 1 IS
    NumberOfPrescans 1 IS
    TransmitterCalibration 1 DS
    GradientDelayTime 3 DS
    Sed 3 DS
    SequenceFileOwner 1 SH
    Stim_mon_mode 1 IS
    dBdt_max 1 DS
    CoilForGradient2 1 SH
    CoilTuningReflection 2 DS
    CoilId 0 IS
    MrProtocolVersion 1 IS
    RepresentativeImage 1 UI
    PositivePCSDirections 1 SH
    RelTablePosition 3 IS
    ReadoutOS 1 FD
    LongModelName 1 LO
    SliceArrayConcatenations 1 IS
    SliceResolution 1 DS
    AbsTablePosition 1 IS
    CoilString 1 LO
    PATModeText 1 LO
    PatReinPattern 1 ST
    Isocentered 1 US
    MrPhoenixProtocol 1 UN
    GradientMode 1 SH
    FlowCompensation 1 SH
    TablePositionOrigin 3 SL
    MrProtocol 1 UN
    PhaseSliceOversampling 1 CS
    SafetyStandard 1 CS
    EchoTrainLength 1 IS
""")

_LAST: Final = 77  # in the header, and where a field or an item has a value
_EMPTY: Final = 205  # where it has none
_ITEMS_AT_A_TIME: Final = 6  # the scanners write the items of a field in sixes, the rest empty


def encode_csa2(fields: Sequence[CsaField], values: Mapping[str, Values]) -> bytes:
    """A CSA2 header with all of `fields`; those that `values` does not name have no items.

    KeyError if `values` names a field that the table does not have.
    """
    unknown = values.keys() - {field.name for field in fields}
    if unknown:
        raise KeyError(f"no such CSA fields: {sorted(unknown)}")
    head = b"SV10\4\3\2\1" + struct.pack("<II", len(fields), _LAST)
    body = b"".join(_encode_field(field, tuple(values.get(field.name, ()))) for field in fields)
    return head + body + b"\0" * (len(body) % 2)


@lru_cache(maxsize=4096)
def _encode_field(field: CsaField, values: tuple[float | int | str, ...]) -> bytes:
    count = -(-len(values) // _ITEMS_AT_A_TIME) * _ITEMS_AT_A_TIME
    marker = _LAST if values else _EMPTY
    head = struct.pack(
        "<64si4siii",
        field.name.encode(), field.vm, field.vr.encode(), SYNGO_TYPES[field.vr], count, marker,
    )  # fmt: skip
    filled = b"".join(_encode_item(field.vr, value) for value in values)
    return head + filled + struct.pack("<4i", 0, 0, _EMPTY, 0) * (count - len(values))


def _encode_item(vr: str, value: float | int | str) -> bytes:
    text = _item_text(vr, value).encode("latin-1") + b"\0"
    padding = b"\0" * (-len(text) % 4)
    return struct.pack("<4i", len(text), len(text), _LAST, len(text)) + text + padding


def _item_text(vr: str, value: float | int | str) -> str:
    """Text of one item: numbers as the scanners pad and round them."""
    if isinstance(value, str):
        return value
    return f"{value:.8f}" if vr in ("FD", "DS", "FL") else f"{value:<8d}"


def ascconv(entries: Mapping[str, float | int | str], version: int = 51130001) -> str:
    """The ASCCONV block: one `name = value` a line, text in doubled quotes (it stands in text)."""
    lines = [
        f"### ASCCONV BEGIN object=MrProtDataImpl@MrProtocolData version={version} "
        "converter=%MEASCONST%/ConverterList/Prot_Converter.txt ###",
        f"ulVersion\t = \t{version}",
        *(f"{name}\t = \t{_ascconv_value(value)}" for name, value in entries.items()),
        "### ASCCONV END ###",
    ]
    return "\n".join(lines)


def phoenix_protocol(entries: Mapping[str, float | int | str], version: int = 51130001) -> str:
    """An XProtocol document with the ASCCONV block inside, as MrPhoenixProtocol holds it."""
    return (
        '<XProtocol> \n{\n  <Name> "PhoenixMetaProtocol" \n  <ID> 1000002 \n'
        '  <Userversion> 2.0 \n  \n  <ParamMap.""> \n  {\n'
        '    <ParamLong."Count"> \n    {\n      1 \n    }\n'
        '    <ParamString."Protocol0"> \n    {\n      "<XProtocol> \n{\n  <ID> 1000001 \n}\n'
        f'{ascconv(entries, version)}" \n    }}\n  }}\n}}\n'
    )


def _ascconv_value(value: float | int | str) -> str:
    if not isinstance(value, str):
        return str(value)
    return value if value.startswith("0x") else f'""{value}""'
