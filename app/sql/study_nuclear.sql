-- How the nuclear medicine series of one study ($study) count, correct and reconstruct.
SELECT
    SeriesDescription,
    SeriesNumber,
    Modality,
    Radiopharmaceutical,
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
    SeriesInstanceUID
FROM series
WHERE StudyInstanceUID IS NOT DISTINCT FROM nullif($study, 'none')
    AND (Modality IN ('PT', 'NM', 'PET', 'SPECT', 'PET/CT', 'SPECT/CT', 'NM/CT')
        OR RadionuclideTotalDose IS NOT NULL OR Radionuclide IS NOT NULL)
ORDER BY SeriesNumber NULLS LAST, SeriesInstanceUID
