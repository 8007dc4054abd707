"""Computed tomography, projection radiography, mammography, angiography, ultrasound."""

from __future__ import annotations

from ingest.schema.attributes.notation import LF, LS, D, F, I, S, T
from ingest.schema.attributes.notation import attribute as a
from ingest.schema.attributes.notation import functional as fg
from ingest.schema.records import Column

CT: tuple[Column, ...] = (
    a("KVP", "00180060", F, "Peak tube voltage", "varying", unit="kV", also=(fg("00189325", "00180060"),)),
    a("XRayTubeCurrent", "00181151", F, "Tube current", "range", unit="mA", also=(fg("00189321", "00189330"),)),
    a("ExposureTime", "00181150", F, "Exposure time", "range", unit="ms", also=(fg("00189321", "00189328"),)),
    a("Exposure", "00181152", F, "Exposure", "range", unit="mAs", also=(fg("00189321", "00189332"),)),
    a("FilterType", "00181160", S, "Filter in the beam", "constant"),
    a("GeneratorPower", "00181170", F, "Power of the generator", "range", unit="kW"),
    a("FocalSpots", "00181190", LF, "Focal spot sizes", "constant", unit="mm"),
    a("ConvolutionKernel", "00181210", LS, "Reconstruction kernel", "varying",
      also=(fg("00189314", "00181210"),)),
    a("DataCollectionDiameter", "00180090", F, "Diameter of the scanned field", "constant", unit="mm"),
    a("GantryDetectorTilt", "00181120", F, "Tilt of the gantry", "varying", unit="degrees"),
    a("TableHeight", "00181130", F, "Height of the table", "range", unit="mm"),
    a("RotationDirection", "00181140", S, "CW or CC", "constant"),
    a("RevolutionTime", "00189305", F, "Time of a rotation", "constant", unit="s"),
    a("SingleCollimationWidth", "00189306", F, "Width of a detector row", "constant", unit="mm"),
    a("TotalCollimationWidth", "00189307", F, "Width of the beam", "constant", unit="mm"),
    a("TableSpeed", "00189309", F, "Speed of the table", "constant", unit="mm/s"),
    a("TableFeedPerRotation", "00189310", F, "Table movement per rotation", "constant", unit="mm"),
    a("SpiralPitchFactor", "00189311", F, "Table movement per rotation to beam width", "constant",
      also=(fg("00189308", "00189311"),)),
    a("ExposureModulationType", "00189323", LS, "How the tube current is modulated", "constant"),
    a("EstimatedDoseSaving", "00189324", F, "Dose saved by modulation", "constant", unit="%"),
    a("CTDIvol", "00189345", F, "Volume computed tomography dose index", "range", unit="mGy",
      also=(fg("00189321", "00189345"),)),
    a("CTDIPhantomTypeCode", "00189346/00080104", S, "Phantom the dose index refers to", "constant"),
    a("AcquisitionType", "00189302", S, "SEQUENCED, SPIRAL, CONSTANT_ANGLE, STATIONARY or FREE", "constant",
      also=(fg("00189301", "00189302"),)),
    a("ScanLength", "00181302", I, "Length of the scan", "constant", unit="mm"),
)

PROJECTION: tuple[Column, ...] = (
    a("ViewPosition", "00185101", S, "Projection: AP, PA, LL, CC, MLO, ...", "varying",
      also=("00540220/00080104",)),
    a("DetectorType", "00187004", S, "DIRECT, SCINTILLATOR, STORAGE or FILM", "constant"),
    a("DetectorConfiguration", "00187005", S, "AREA or SLOT", "constant"),
    a("DetectorDescription", "00187006", S, "Description of the detector", "constant"),
    a("DetectorID", "0018700A", S, "Serial number of the detector", "constant", phi=True),
    a("DateOfLastDetectorCalibration", "0018700C", D, "Date the detector was calibrated", "constant"),
    a("TimeOfLastDetectorCalibration", "0018700E", T, "Time the detector was calibrated", "constant"),
    a("ExposureIndex", "00181411", F, "Exposure index (IEC 62494-1)", "range"),
    a("TargetExposureIndex", "00181412", F, "Exposure index aimed at", "range"),
    a("DeviationIndex", "00181413", F, "Deviation of the exposure index from its target", "range"),
    a("Sensitivity", "00186000", F, "Sensitivity as the reader gives it", "range"),
    a("RelativeXRayExposure", "00181405", I, "Exposure index of the maker", "range"),
    a("ExposureInuAs", "00181153", F, "Exposure", "range", unit="uAs"),
    a("DistanceSourceToDetector", "00181110", F, "From the focal spot to the detector", "range", unit="mm"),
    a("DistanceSourceToPatient", "00181111", F, "From the focal spot to the patient", "range", unit="mm"),
    a("Grid", "00181166", LS, "Grid in the beam", "constant"),
    a("EntranceDose", "00400302", F, "Entrance dose", "range", unit="dGy"),
    a("EntranceDoseInmGy", "00408302", F, "Entrance dose", "range", unit="mGy"),
    a("ImageAndFluoroscopyAreaDoseProduct", "0018115E", F, "Dose area product", "sum", unit="dGy.cm2"),
    a("PositionerPrimaryAngle", "00181510", F, "Angle of the C-arm, left to right", "range", unit="degrees"),
    a("PositionerSecondaryAngle", "00181511", F, "Angle of the C-arm, head to foot", "range", unit="degrees"),
    a("CassetteID", "00181007", S, "Identifier of the cassette", "constant", phi=True),
    a("PlateID", "00181004", S, "Identifier of the plate", "constant", phi=True),
)

MAMMOGRAPHY: tuple[Column, ...] = (
    a("BreastImplantPresent", "00281300", S, "YES when an implant is present", "constant"),
    a("PartialView", "00281350", S, "YES when the view shows a part of the breast", "varying"),
    a("OrganExposed", "00400318", S, "Organ the dose refers to", "constant"),
    a("OrganDose", "00400316", F, "Average organ dose", "range", unit="dGy"),
    a("AnodeTargetMaterial", "00181191", S, "Anode: TUNGSTEN, MOLYBDENUM or RHODIUM", "constant"),
    a("FilterMaterial", "00187050", LS, "Filter: MOLYBDENUM, ALUMINUM, RHODIUM, ...", "constant"),
    a("CompressionForce", "001811A2", F, "Force on the breast", "range", unit="N"),
    a("CompressionPressure", "001811A3", F, "Pressure on the breast", "range", unit="kPa"),
    a("BodyPartThickness", "001811A0", F, "Thickness of the compressed part", "range", unit="mm"),
    a("ExposureControlMode", "00187060", S, "MANUAL or AUTOMATIC", "constant"),
    a("ExposureControlModeDescription", "00187062", S, "How the exposure is controlled", "constant"),
    a("HalfValueLayer", "00400314", F, "Half value layer", "constant", unit="mm"),
)

ULTRASOUND: tuple[Column, ...] = (
    a("TransducerType", "00186031", S, "Kind of transducer", "constant"),
    a("TransducerData", "00185010", LS, "Transducer as the maker names it", "constant"),
    a("MechanicalIndex", "00185022", F, "Mechanical index", "range"),
    a("FrameTime", "00181063", F, "Time of a frame", "constant", unit="ms"),
    a("CineRate", "00180040", I, "Frames a second", "constant", unit="1/s"),
)
