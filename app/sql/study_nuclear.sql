-- How the nuclear medicine series of one study ($study) count, correct and reconstruct, and what was
-- derived for each: uptake, activity, dose per weight, SUV factor, with why one is missing.
SELECT
    SeriesDescription,
    SeriesNumber,
    Modality,
    Radiopharmaceutical,
    uptake_minutes,
    uptake_status,
    injected_activity_MBq,
    activity_status,
    activity_unit_assumed,
    weight_kg,
    weight_status,
    dose_per_kg_MBq,
    dose_status,
    activity_at_scan_MBq,
    decayed_percent,
    activity_at_scan_status,
    suv_bw_factor,
    suv_status,
    Units,
    DecayCorrection,
    CorrectedImage,
    AttenuationCorrectionMethod,
    ScatterCorrectionMethod,
    ReconstructionMethod,
    ReconstructionIterations,
    ReconstructionSubsets,
    ActualFrameDuration_min,
    ActualFrameDuration_max,
    acquisition_datetime_min,
    is_representative,
    SeriesInstanceUID
FROM series
WHERE StudyInstanceUID IS NOT DISTINCT FROM nullif($study, 'none')
    AND (is_radiopharmaceutical OR RadionuclideTotalDose IS NOT NULL OR Radionuclide IS NOT NULL)
ORDER BY SeriesNumber NULLS LAST, SeriesInstanceUID
