-- One series: $study and $series are its UIDs.
SELECT * FROM series
WHERE StudyInstanceUID IS NOT DISTINCT FROM nullif($study, 'none')
    AND SeriesInstanceUID IS NOT DISTINCT FROM nullif($series, 'none')
