-- Series, one row each, with all that is known of them. $text is what is searched, in small letters;
-- match says how well a series has it (the letters of the codes put the best first).
SELECT
    * REPLACE (regexp_replace(PatientAge, '^0*(\d+)([DWMY])$', '\1 \2') AS PatientAge),
    right(patient_key, 8) AS patient,
    CASE WHEN Columns IS NOT NULL THEN concat(Columns, ' × ', Rows) END AS matrix,
    {match} AS match
FROM series
