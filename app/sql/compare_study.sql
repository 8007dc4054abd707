-- What tells one study from others; $study is its StudyInstanceUID.
SELECT
    StudyInstanceUID,
    StudyDescription,
    StudyDate,
    Modalities,
    right(patient_key, 8) AS patient,
    n_series
FROM studies
WHERE StudyInstanceUID = $study
LIMIT 1
