-- The studies of the patient of one study ($study), in the order of their dates.
SELECT StudyInstanceUID, StudyDate, StudyDescription
FROM studies
WHERE patient_key = (
    SELECT patient_key FROM studies
    WHERE StudyInstanceUID IS NOT DISTINCT FROM nullif($study, 'none')
    LIMIT 1
)
ORDER BY StudyDate NULLS LAST, StudyTime NULLS LAST, StudyInstanceUID
