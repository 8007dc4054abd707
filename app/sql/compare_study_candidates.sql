-- Studies that one may want to compare with a study ($study, '' for none): first those of the same
-- patient, then those of the same description, then all others; in each the latest first.
WITH other AS (
    SELECT patient_key, lower(StudyDescription) AS description
    FROM memory.main.studies
    WHERE StudyInstanceUID = $study
    LIMIT 1
)
SELECT
    s.StudyInstanceUID,
    s.StudyDescription,
    s.StudyDate,
    s.Modalities,
    right(s.patient_key, 8) AS patient,
    s.n_series,
    CASE
        WHEN s.patient_key = other.patient_key THEN 'same_patient'
        WHEN lower(s.StudyDescription) = other.description THEN 'same_description'
        ELSE 'any'
    END AS nearness
FROM studies AS s
LEFT JOIN other ON true
WHERE s.StudyInstanceUID <> $study
ORDER BY
    CASE nearness WHEN 'same_patient' THEN 0 WHEN 'same_description' THEN 1 ELSE 2 END,
    s.StudyDate DESC NULLS LAST, s.StudyInstanceUID
LIMIT 50
