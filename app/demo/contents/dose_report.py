"""CT radiation dose report: an X-Ray Radiation Dose SR after TID 10011 of PS3.16."""

from __future__ import annotations

from typing import Final

from app.demo.acquisition import Acquisition, dicom_datetime
from app.demo.elements import Elements, elements_of
from app.demo.frames import Instance
from app.demo.records import Attributes, DoseEvent

Code = tuple[str, str, str]

CT: Final[Code] = ("77477000", "SCT", "Computed Tomography X-Ray")
SPIRAL: Final[Code] = ("116152004", "SCT", "Spiral Acquisition")
CONSTANT_ANGLE: Final[Code] = ("113805", "DCM", "Constant Angle Acquisition")
BODY_PHANTOM: Final[Code] = ("113691", "DCM", "IEC Body Dosimetry Phantom")
MGY: Final[Code] = ("mGy", "UCUM", "mGy")
MGY_CM: Final[Code] = ("mGy.cm", "UCUM", "mGy.cm")


def dose_report_constant(it: Acquisition) -> Elements:
    """SR Document General and the root of the content tree."""
    return elements_of(
        {
            "CompletionFlag": "COMPLETE",
            "VerificationFlag": "UNVERIFIED",
            "ReferencedPerformedProcedureStepSequence": [],
            "PerformedProcedureCodeSequence": [],
            "ValueType": "CONTAINER",
            "ContinuityOfContent": "SEPARATE",
            "ConceptNameCodeSequence": [_code(("113701", "DCM", "X-Ray Radiation Dose Report"))],
            "ContentTemplateSequence": [{"MappingResource": "DCMR", "TemplateIdentifier": "10011"}],
            "ContentSequence": _content(it),
        }
    )


def dose_report_varying(_: Acquisition, __: Instance) -> Elements:
    """Nothing: a report is alone in its series."""
    return {}


def _content(it: Acquisition) -> list[Attributes]:
    doses = it.series.doses
    total = sum(event.dlp for event in doses)
    return [
        _coded("HAS CONCEPT MOD", ("121058", "DCM", "Procedure reported"), CT),
        _timed(("113809", "DCM", "Start of X-Ray Irradiation"), dicom_datetime(it.study_start)),
        _timed(("113810", "DCM", "End of X-Ray Irradiation"), dicom_datetime(it.start)),
        _coded(
            "CONTAINS",
            ("113705", "DCM", "Scope of Accumulation"),
            ("113014", "DCM", "Study"),
        ),
        _container(
            ("113811", "DCM", "CT Accumulated Dose Data"),
            [
                _number(
                    ("113812", "DCM", "Total Number of Irradiation Events"),
                    len(doses),
                    ("{events}", "UCUM", "events"),
                ),
                _number(("113813", "DCM", "CT Dose Length Product Total"), total, MGY_CM),
            ],
        ),
        *(_event(it, number, event) for number, event in enumerate(doses, start=1)),
    ]


def _event(it: Acquisition, number: int, event: DoseEvent) -> Attributes:
    kind = SPIRAL if event.spiral else CONSTANT_ANGLE
    region = ("69536005", "SCT", "Head") if "Head" in event.protocol else (
        "51185008", "SCT", "Chest")  # fmt: skip
    return _container(
        ("113819", "DCM", "CT Acquisition"),
        [
            _text(("125203", "DCM", "Acquisition Protocol"), event.protocol),
            _coded("CONTAINS", ("123014", "DCM", "Target Region"), region),
            _coded("CONTAINS", ("113820", "DCM", "CT Acquisition Type"), kind),
            _uid(("113769", "DCM", "Irradiation Event UID"), it.uid("irradiation event", number)),
            _parameters(event),
            _dose(event),
        ],
    )


def _parameters(event: DoseEvent) -> Attributes:
    millimetres = ("mm", "UCUM", "mm")
    source = _container(
        ("113831", "DCM", "CT X-Ray Source Parameters"),
        [
            _text(("113832", "DCM", "Identification of the X-Ray Source"), "A"),
            _number(("113733", "DCM", "KVP"), event.kvp, ("kV", "UCUM", "kV")),
            _number(
                ("113833", "DCM", "Maximum X-Ray Tube Current"),
                round(event.current * 1.25, 1),
                ("mA", "UCUM", "mA"),
            ),
            _number(("113734", "DCM", "X-Ray Tube Current"), event.current, ("mA", "UCUM", "mA")),
        ],
    )
    return _container(
        ("113822", "DCM", "CT Acquisition Parameters"),
        [
            _number(("113824", "DCM", "Exposure Time"), event.exposure_time, ("s", "UCUM", "s")),
            _number(("113825", "DCM", "Scanning Length"), event.length, millimetres),
            _number(("113826", "DCM", "Nominal Single Collimation Width"), 0.6, millimetres),
            _number(("113827", "DCM", "Nominal Total Collimation Width"), 38.4, millimetres),
            source,
        ],
    )


def _dose(event: DoseEvent) -> Attributes:
    return _container(
        ("113829", "DCM", "CT Dose"),
        [
            _number(("113830", "DCM", "Mean CTDIvol"), event.ctdi_vol, MGY),
            _coded("CONTAINS", ("113835", "DCM", "CTDIw Phantom Type"), BODY_PHANTOM),
            _number(("113838", "DCM", "DLP"), event.dlp, MGY_CM),
        ],
    )


def _code(code: Code) -> Attributes:
    value, scheme, meaning = code
    return {"CodeValue": value, "CodingSchemeDesignator": scheme, "CodeMeaning": meaning}


def _item(relation: str, kind: str, name: Code, content: Attributes) -> Attributes:
    return {
        "RelationshipType": relation,
        "ValueType": kind,
        "ConceptNameCodeSequence": [_code(name)],
        **content,
    }


def _container(name: Code, items: list[Attributes]) -> Attributes:
    content: Attributes = {"ContinuityOfContent": "SEPARATE", "ContentSequence": items}
    return _item("CONTAINS", "CONTAINER", name, content)


def _coded(relation: str, name: Code, code: Code) -> Attributes:
    return _item(relation, "CODE", name, {"ConceptCodeSequence": [_code(code)]})


def _text(name: Code, text: str) -> Attributes:
    return _item("CONTAINS", "TEXT", name, {"TextValue": text})


def _uid(name: Code, uid: str) -> Attributes:
    return _item("CONTAINS", "UIDREF", name, {"UID": uid})


def _timed(name: Code, moment: str) -> Attributes:
    return _item("HAS OBS CONTEXT", "DATETIME", name, {"DateTime": moment})


def _number(name: Code, value: float, unit: Code) -> Attributes:
    measured = {"NumericValue": value, "MeasurementUnitsCodeSequence": [_code(unit)]}
    return _item("CONTAINS", "NUM", name, {"MeasuredValueSequence": [measured]})
