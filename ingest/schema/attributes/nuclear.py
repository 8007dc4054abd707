"""Nuclear medicine and PET: PS3.3 C.8.4 and C.8.9.

The radiopharmaceutical columns hold the first item of the sequence; the table
``radiopharmaceuticals`` has a row for each.
"""

from __future__ import annotations

from ingest.schema.attributes.notation import LS, TS, F, I, S, T
from ingest.schema.attributes.notation import attribute as a
from ingest.schema.records import Column

RIS = "00540016"

NUCLEAR: tuple[Column, ...] = (
    a("Radiopharmaceutical", f"{RIS}/00180031", S, "Radiopharmaceutical", "constant",
      also=(f"{RIS}/00540304/00080104", "00180031")),
    a("RadiopharmaceuticalCode", f"{RIS}/00540304/00080100", S, "Radiopharmaceutical, as code", "constant"),
    a("Radionuclide", f"{RIS}/00540300/00080104", S, "Radionuclide", "constant", also=("00180030",)),
    a("RadionuclideCode", f"{RIS}/00540300/00080100", S, "Radionuclide, as code", "constant"),
    a("RadionuclideTotalDose", f"{RIS}/00181074", F,
      "Activity given, as written: Bq in PET; older NM files hold MBq", "constant", unit="Bq", also=("00181074",)),
    a("RadionuclideHalfLife", f"{RIS}/00181075", F, "Half-life of the radionuclide", "constant", unit="s"),
    a("RadionuclidePositronFraction", f"{RIS}/00181076", F, "Share of decays by positron", "constant"),
    a("RadiopharmaceuticalStartDateTime", f"{RIS}/00181078", TS, "Date and time of the injection", "constant"),
    a("RadiopharmaceuticalStartTime", f"{RIS}/00181072", T, "Time of the injection", "constant",
      also=("00181072",)),
    a("RadiopharmaceuticalStopTime", f"{RIS}/00181073", T, "End of the injection", "constant"),
    a("RadiopharmaceuticalVolume", f"{RIS}/00181071", F, "Volume given", "constant", unit="ml",
      also=("00181071",)),
    a("RadiopharmaceuticalRoute", f"{RIS}/00181070", S, "How it was given", "constant"),
    a("RadiopharmaceuticalSpecificActivity", f"{RIS}/00181077", F, "Activity per amount", "constant",
      unit="Bq/umol"),
    a("DecayCorrection", "00541102", S, "Decay corrected to START, ADMIN or NONE", "constant",
      also=("00189758",)),
    a("Units", "00541001", S, "Unit of the pixel values: BQML, CNTS, GML, ...", "constant"),
    a("SUVType", "00541006", S, "Kind of standardised uptake value: BW, BSA, LBM, IBW", "constant"),
    a("CountsSource", "00541002", S, "EMISSION or TRANSMISSION", "constant"),
    a("CorrectedImage", "00280051", LS, "Corrections applied: DECY, ATTN, SCAT, NORM, ...", "constant"),
    a("ReconstructionMethod", "00541103", S, "How the image was reconstructed", "constant"),
    a("AttenuationCorrectionMethod", "00541101", S, "How attenuation was corrected", "constant"),
    a("ScatterCorrectionMethod", "00541105", S, "How scatter was corrected", "constant"),
    a("RandomsCorrectionMethod", "00541100", S, "How randoms were corrected", "constant"),
    a("ActualFrameDuration", "00181242", F, "Duration of the frame", "range", unit="ms"),
    a("FrameReferenceTime", "00541300", F, "Time the pixel values refer to, from the series start", "minmax", unit="ms"),
    a("DecayFactor", "00541321", F, "Decay correction that was applied", "range"),
    a("DoseCalibrationFactor", "00541322", F, "Factor from pixel values to activity", "range"),
    a("ScatterFractionFactor", "00541323", F, "Estimated share of scatter", "range"),
    a("DeadTimeFactor", "00541324", F, "Dead time correction that was applied", "range"),
    a("ImageIndex", "00541330", I, "Number of the image in a PET series", "minmax"),
    a("NumberOfSlices", "00540081", I, "Slices of the volume", "constant"),
    a("NumberOfTimeSlices", "00540101", I, "Time points of a dynamic series", "constant"),
    a("EnergyWindowLowerLimit", "00540012/00540013/00540014", F, "Lower limit of the first energy window", "constant",
      unit="keV", also=("00540013/00540014",)),
    a("EnergyWindowUpperLimit", "00540012/00540013/00540015", F, "Upper limit of the first energy window", "constant",
      unit="keV", also=("00540013/00540015",)),
    a("EnergyWindowName", "00540012/00540018", S, "Name of the first energy window", "constant"),
    a("CollimatorType", "00181181", S, "PARA, FANB, CONE, PINH, NONE, ...", "constant",
      also=("00540022/00181181",)),
    a("CollimatorGridName", "00181180", S, "Name of the collimator", "constant", also=("00540022/00181180",)),
    a("NumberOfDetectors", "00540021", I, "Detectors of the camera", "constant"),
    a("NumberOfRotations", "00540051", I, "Rotations of the camera", "constant"),
    a("ScanProgressionDirection", "00540501", S, "Direction the bed moved", "constant"),
    a("WholeBodyTechnique", "00181301", S, "1PS, 2PS, PCN or MSP", "constant"),
    a("CountsAccumulated", "00180070", I, "Counts of the image", "range", unit="counts"),
    a("TypeOfDetectorMotion", "00540202", S, "STEP AND SHOOT or CONTINUOUS", "constant"),
    a("SliceSensitivityFactor", "00541320", F, "Sensitivity of the slice", "range"),
    a("AxialMash", "00541201", LS, "Axial angles summed, as written", "constant"),
    a("CoincidenceWindowWidth", "00541210", F, "Width of the coincidence window", "constant", unit="ns"),
    a("ReconstructionIterations", "00189739", I, "Iterations of the reconstruction", "constant",
      also=("FG 00189749/00189739",)),
    a("ReconstructionSubsets", "00189740", I, "Subsets of the reconstruction", "constant",
      also=("FG 00189749/00189740",)),
)
