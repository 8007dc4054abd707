"""What the CSA headers of Siemens MR say, and the protocol text inside, as names and values."""

from __future__ import annotations

from typing import Final

from app.demo.acquisition import Acquisition
from app.demo.csa import Values, phoenix_protocol
from app.demo.frames import Frame, Instance, normal_of, slice_times

DWELL_NANOSECONDS: Final = 3400
ECHO_SPACING_SECONDS: Final = 0.0005
TABLE_MM: Final = (0, 0, -1250)
COIL: Final = "HEA;HEP"


def image_values(it: Acquisition, instance: Instance) -> dict[str, Values]:
    """What the CSA image header of one instance says."""
    frame = instance.first
    values: dict[str, Values] = {
        "EchoLinePosition": [it.protocol.rows // 2],
        "EchoColumnPosition": [it.protocol.columns // 2],
        "ICE_Dims": [f"X_1_1_1_{frame.step_index + 1}_1_1_1_{frame.slice_index + 1}_1_1_1_81"],
        "ProtocolSliceNumber": [frame.slice_index],
        "RealDwellTime": [DWELL_NANOSECONDS],
        "SliceMeasurementDuration": [1000.0 * it.protocol.seconds / len(it.instances)],
        "AcquisitionMatrixText": [f"{it.protocol.rows}*{it.protocol.columns}"],
        "PhaseEncodingDirectionPositive": [1],
        "SliceNormalVector": normal_of(frame.orientation),
        "TimeAfterStart": [round(frame.seconds, 4)],
        "SlicePosition_PCS": frame.position,
        "ImaAbsTablePosition": TABLE_MM,
        "ImaCoilString": [COIL],
        "UsedChannelString": ["X" * 20],
        "ImageHistory": ["ChannelMixing:ND=true_CMM=1_CDM=1", "CC:SoS"],
    }
    if len(instance.frames) > 1:
        values["NumberOfImagesInMosaic"] = [len(instance.frames)]
        values["MosaicRefAcqTimes"] = slice_milliseconds(it)
    if (bandwidth := bandwidth_per_pixel(it)) is not None:
        values["BandwidthPerPixelPhaseEncode"] = [bandwidth]
    return values | _csa_diffusion(frame)


def _csa_diffusion(frame: Frame) -> dict[str, Values]:
    b_value, direction = frame.step.b_value, frame.step.direction
    if b_value is None:
        return {}
    if direction is None or b_value == 0:
        return {"B_value": [int(b_value)], "DiffusionDirectionality": ["NONE"]}
    return {
        "B_value": [int(b_value)],
        "DiffusionDirectionality": ["DIRECTIONAL"],
        "DiffusionGradientDirection": direction,
        "B_matrix": b_matrix(b_value, direction),
    }


def series_values(it: Acquisition) -> dict[str, Values]:
    """What the CSA series header says, the protocol text included."""
    return {
        "UsedPatientWeight": [int(it.patient.weight or 0)],
        "NumberOfPrescans": [0],
        "TransmitterCalibration": [275.785822],
        "GradientDelayTime": [35.0, 35.0, 31.0],
        "SequenceFileOwner": ["SIEMENS"],
        "CoilForGradient2": ["AS82"],
        "CoilId": [255, 0, 4877, 0, 0, 4875, 4876],
        "MrProtocolVersion": [51130001],
        "PositivePCSDirections": ["+LPH"],
        "ReadoutOS": [2.0],
        "LongModelName": ["NUMARIS/4"],
        "SliceArrayConcatenations": [1],
        "CoilString": [COIL],
        "PatReinPattern": ["1;HFS;72.00;40.00;2;0;0;12345"],
        "MrPhoenixProtocol": [phoenix_protocol(protocol_entries(it))],
        "GradientMode": ["Fast"],
        "FlowCompensation": ["No"],
        "TablePositionOrigin": TABLE_MM,
        "PhaseSliceOversampling": ["NONE"],
        "SafetyStandard": ["IEC"],
        "EchoTrainLength": [int(it.value("EchoTrainLength") or 1)],
    }


def protocol_entries(it: Acquisition) -> dict[str, float | int | str]:
    """The entries of the ASCCONV block: times in microseconds, lengths in millimetres."""
    protocol, first = it.protocol, it.instances[0].first
    echoes = sorted({it.value("EchoTime", frame) or 0.0 for frame in _frames(it)})
    entries: dict[str, float | int | str] = {
        "tSequenceFileName": f"%SiemensSeq%\\{(it.value('SequenceName') or 'gre').strip('*')}",
        "tProtocolName": it.description,
        "lContrasts": len(echoes),
        "lRepetitions": len(protocol.steps) - 1,
        "lScanTimeSec": int(protocol.seconds),
        "alTR[0]": int(1000 * (it.value("RepetitionTime") or 0)),
    }
    if (inversion := it.value("InversionTime")) is not None:
        entries["alTI[0]"] = int(1000 * inversion)
    entries |= {f"alTE[{i}]": int(1000 * echo) for i, echo in enumerate(echoes)}
    entries |= {
        "adFlipAngleDegree[0]": float(it.value("FlipAngle") or 90),
        "sPat.lAccelFactPE": 2,
        "sPat.ucPATMode": 2,
        "sKSpace.lBaseResolution": protocol.columns,
        "sKSpace.lPhaseEncodingLines": protocol.rows,
        "sKSpace.ucDimension": "0x4" if it.value("MRAcquisitionType") == "3D" else "0x2",
        "sSliceArray.lSize": it.slices,
    }
    return entries | _slice_entries(it, first) | _diffusion_entries(it) | dict(it.series.csa)


def _slice_entries(it: Acquisition, first: Frame) -> dict[str, float | int | str]:
    down, across, _ = it.protocol.spacing
    normal = dict(zip(("dSag", "dCor", "dTra"), normal_of(first.orientation), strict=True))
    entries: dict[str, float | int | str] = {
        "sSliceArray.asSlice[0].dThickness": float(it.value("SliceThickness") or 5.0),
        "sSliceArray.asSlice[0].dPhaseFOV": down * it.protocol.rows,
        "sSliceArray.asSlice[0].dReadoutFOV": across * it.protocol.columns,
    }
    for axis, part in normal.items():
        if part:
            entries[f"sSliceArray.asSlice[0].sNormal.{axis}"] = part
    return entries


def _diffusion_entries(it: Acquisition) -> dict[str, float | int | str]:
    b_values = sorted({f.step.b_value for f in _frames(it) if f.step.b_value is not None})
    directions = {f.step.direction for f in _frames(it) if f.step.direction is not None}
    if not b_values:
        return {}
    entries: dict[str, float | int | str] = {
        "sDiffusion.lDiffWeightings": len(b_values),
        "sDiffusion.lDiffDirections": max(1, len(directions)),
    }
    for index, b_value in enumerate(b_values):
        entries[f"sDiffusion.alBValue[{index}]"] = int(b_value)
    return entries


def b_matrix(b_value: float, direction: tuple[float, float, float]) -> tuple[float, ...]:
    """b times the outer product of the direction: xx, xy, xz, yy, yz, zz."""
    x, y, z = direction
    products = (x * x, x * y, x * z, y * y, y * z, z * z)
    return tuple(round(b_value * p, 4) for p in products)


def bandwidth_per_pixel(it: Acquisition) -> float | None:
    """Hz along the phase encoding of an echo-planar series; None otherwise."""
    sequence = it.value("ScanningSequence") or ()
    return round(1 / (ECHO_SPACING_SECONDS * it.protocol.rows), 3) if "EP" in sequence else None


def slice_milliseconds(it: Acquisition) -> tuple[float, ...]:
    """When each slice of a volume is taken: MosaicRefAcqTimes."""
    return tuple(round(1000 * s, 4) for s in slice_times(it.protocol, it.slices))


def _frames(it: Acquisition) -> list[Frame]:
    return [frame for instance in it.instances for frame in instance.frames]
