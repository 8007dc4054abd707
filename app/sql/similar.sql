-- Texts that are like a searched one ($similar, in small letters) though they do not hold it, with
-- their number of series: alike as a whole, or word by word.
WITH texts AS (
    SELECT
        coalesce(
            StudyDescription, SeriesDescription, ProtocolName, BodyPartExamined,
            ManufacturerModelName, RequestedProcedureDescription,
            PerformedProcedureStepDescription, PatientName
        ) AS value,
        count(*) AS n
    FROM series
    GROUP BY GROUPING SETS (
        (StudyDescription), (SeriesDescription), (ProtocolName), (BodyPartExamined),
        (ManufacturerModelName), (RequestedProcedureDescription),
        (PerformedProcedureStepDescription), (PatientName)
    )
),
-- A text may be in several columns of a series, which are not to be counted twice.
counted AS (
    SELECT value, max(n) AS n
    FROM texts
    WHERE value IS NOT NULL
    GROUP BY value
),
compared AS (
    SELECT
        value,
        n,
        greatest(
            jaro_winkler_similarity(lower(value), $similar),
            list_avg(list_transform(
                string_split($similar, ' '),
                lambda word: list_max(list_transform(
                    string_split_regex(lower(value), '[^\p{L}\p{N}]+'),
                    lambda other: jaro_winkler_similarity(other, word)
                ))
            ))
        ) AS similarity
    FROM counted
)
SELECT value, n, similarity
FROM compared
WHERE similarity >= 0.85
ORDER BY similarity DESC, n DESC, value
LIMIT 6
