-- All that is known of one kind of volume ($volume) of an MR series.
SELECT *
FROM memory.main.mr_cleaned
WHERE
    StudyInstanceUID IS NOT DISTINCT FROM nullif($study, 'none')
    AND SeriesInstanceUID = $series
    AND volume = $volume
