-- The series of one study ($study) in the order in which the study shows them.
SELECT SeriesInstanceUID, SeriesNumber, SeriesDescription
FROM series
WHERE StudyInstanceUID IS NOT DISTINCT FROM nullif($study, 'none')
ORDER BY SeriesNumber NULLS LAST, SeriesInstanceUID
