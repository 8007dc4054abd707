"""What made the object: PS3.3 C.7.5, with contrast (C.7.6.4) and private provenance."""

from __future__ import annotations

from ingest.schema.attributes.notation import LS, F, S, T
from ingest.schema.attributes.notation import attribute as a
from ingest.schema.records import Column

EQUIPMENT: tuple[Column, ...] = (
    a("Manufacturer", "00080070", S, "Maker of the equipment, as written", level="series"),
    a("ManufacturerModelName", "00081090", S, "Model of the equipment", level="series"),
    a(
        "DeviceSerialNumber",
        "00181000",
        S,
        "Serial number of the equipment",
        level="series",
        phi=True,
    ),
    a("SoftwareVersions", "00181020", LS, "Software of the equipment", level="series"),
    a("StationName", "00081010", S, "Name of the station", level="series", phi=True),
    a("InstitutionName", "00080080", S, "Institution", level="series", phi=True),
    a("InstitutionAddress", "00080081", S, "Address of the institution", level="series", phi=True),
    a("InstitutionalDepartmentName", "00081040", S, "Department", level="series", phi=True),
    a("DateOfLastCalibration", "00181200", LS, "Dates of calibration, as written", level="series"),
    a("TimeOfLastCalibration", "00181201", LS, "Times of calibration, as written", level="series"),
    a(
        "SpatialResolution",
        "00181050",
        F,
        "Spatial resolution of the equipment",
        unit="mm",
        level="series",
    ),
)

CONTRAST: tuple[Column, ...] = (
    a(
        "ContrastBolusAgent",
        "00180010",
        S,
        "Contrast agent",
        "varying",
        also=("00180012/00080104",),
    ),
    a("ContrastBolusAgentCode", "00180012/00080100", S, "Contrast agent, as code", "constant"),
    a("ContrastBolusRoute", "00181040", S, "How the agent was given", "constant"),
    a(
        "ContrastBolusVolume",
        "00181041",
        F,
        "Volume of the agent",
        "constant",
        unit="ml",
        also=("00180012/00181041",),
    ),
    a("ContrastBolusTotalDose", "00181044", F, "Volume of undiluted agent", "constant", unit="ml"),
    a("ContrastBolusStartTime", "00181042", T, "Time the injection started", "constant"),
    a(
        "ContrastBolusIngredient",
        "00181048",
        LS,
        "Active ingredient of the agent",
        "constant",
        also=("00180012/00189338/00080104",),
    ),
    a(
        "ContrastFlowRate",
        "00181046",
        LS,
        "Flow rate of each injection phase, ml/s as written",
        "constant",
    ),
)

PROVENANCE: tuple[Column, ...] = (
    a(
        "ctp_collection",
        "(0013,xx10) CTP",
        S,
        "Collection of a de-identified archive (CTP)",
        "constant",
    ),
    a(
        "ctp_subject",
        "(0013,xx13) CTP",
        S,
        "Subject of a de-identified archive (CTP)",
        "constant",
        phi=True,
    ),
    a("ctp_flag", "(0013,xx15) CTP", S, "Flag of a de-identified archive (CTP)", "constant"),
)
