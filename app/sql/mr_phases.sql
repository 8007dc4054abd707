-- The series of the dynamic groups of one study, by group and time.
SELECT
    dynamicGroup, dynamicPhase, n_phases, sequenceClass, SeriesNumber, SeriesDescription,
    acquisition_datetime_min, acquisition_datetime_max, isContrastEnhanced, contrastReason,
    n_volumes, volume, SeriesInstanceUID
FROM memory.main.mr_cleaned
WHERE StudyInstanceUID IS NOT DISTINCT FROM nullif($study, 'none') AND dynamicGroup IS NOT NULL
ORDER BY dynamicGroup, acquisition_datetime_min NULLS LAST, SeriesNumber, SeriesInstanceUID, volume
