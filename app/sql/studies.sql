-- Studies with what the filters leave of them: numbers count the series that pass the filters.
-- $text is what is searched, in small letters; match says how well a study has it (the letters of
-- the codes put the best first).
WITH counted AS (
    SELECT
        StudyInstanceUID,
        count(*) AS n_series,
        sum(n_instances)::BIGINT AS n_instances,
        sum(file_size_bytes_sum)::BIGINT AS file_size_bytes,
        min(
            {match}
        ) AS match
    FROM series
    GROUP BY StudyInstanceUID
)
SELECT
    studies.* REPLACE (
        regexp_replace(studies.PatientAge, '^0*(\d+)([DWMY])$', '\1 \2') AS PatientAge,
        counted.n_series AS n_series,
        counted.n_instances AS n_instances,
        counted.file_size_bytes AS file_size_bytes
    ),
    right(studies.patient_key, 8) AS patient,
    counted.match
FROM studies
JOIN counted ON counted.StudyInstanceUID IS NOT DISTINCT FROM studies.StudyInstanceUID
