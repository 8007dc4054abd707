-- Series, one row each, with all that is known of them. $text is what is searched, in small letters;
-- match says how well a series has it (the letters of the codes put the best first).
SELECT
    * REPLACE (regexp_replace(PatientAge, '^0*(\d+)([DWMY])$', '\1 \2') AS PatientAge),
    right(patient_key, 8) AS patient,
    CASE WHEN Columns IS NOT NULL THEN concat(Columns, ' × ', Rows) END AS matrix,
    CASE
        WHEN $text = '' THEN NULL
        WHEN $text IN (
            lower(StudyDescription), lower(SeriesDescription), lower(ProtocolName),
            lower(BodyPartExamined), lower(ManufacturerModelName),
            lower(RequestedProcedureDescription), lower(PerformedProcedureStepDescription),
            StudyInstanceUID, SeriesInstanceUID, lower(PatientName), lower(PatientID),
            lower(AccessionNumber), lower(StudyID)
        ) THEN 'exact'
        WHEN starts_with(lower(StudyDescription), $text)
            OR starts_with(lower(SeriesDescription), $text)
            OR starts_with(lower(ProtocolName), $text)
            OR starts_with(lower(PatientName), $text)
            OR starts_with(lower(PatientID), $text) THEN 'start'
        ELSE 'within'
    END AS match
FROM series
