-- What tells one series from others; $series is its SeriesInstanceUID.
SELECT
    SeriesInstanceUID,
    StudyInstanceUID,
    SeriesDescription,
    SeriesNumber,
    Modality,
    StudyDate,
    StudyDescription,
    right(patient_key, 8) AS patient,
    n_instances
FROM series
WHERE SeriesInstanceUID = $series
ORDER BY StudyInstanceUID
LIMIT 1
