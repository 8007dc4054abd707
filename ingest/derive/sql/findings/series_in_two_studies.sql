-- Series Instance UIDs that occur in more than one study: a row for the part in each of them.
INSERT INTO finding_rows BY NAME
WITH shared AS (
    SELECT SeriesInstanceUID, count(*) AS n
    FROM series
    WHERE SeriesInstanceUID IS NOT NULL AND StudyInstanceUID IS NOT NULL
    GROUP BY SeriesInstanceUID
    HAVING count(*) > 1
)
SELECT
    'series_in_two_studies' AS rule,
    StudyInstanceUID,
    SeriesInstanceUID,
    'one study' AS expected,
    n || ' studies' AS observed,
    n_instances AS n_affected
FROM series JOIN shared USING (SeriesInstanceUID)
WHERE StudyInstanceUID IS NOT NULL;
