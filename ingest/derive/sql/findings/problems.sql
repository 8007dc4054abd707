-- What the reader noticed, per rule, series and element: problems of a header concern all its
-- instances that count, problems of an instance that one.
INSERT INTO finding_rows BY NAME
WITH concerned AS (
    SELECT p.rule, p.path, p.expected, p.observed, m.series, m.instance_id, m.SOPInstanceUID
    FROM problems AS p JOIN members AS m USING (instance_id)
    UNION ALL
    SELECT p.rule, p.path, p.expected, p.observed, m.series, m.instance_id, m.SOPInstanceUID
    FROM problems AS p JOIN members AS m USING (header_id)
    WHERE p.instance_id IS NULL
),
grouped AS (
    SELECT
        coalesce(rule, 'unnamed') AS rule,
        series,
        path,
        min(SOPInstanceUID) AS SOPInstanceUID,
        min(expected) AS expected,
        min(observed) AS observed,
        count(DISTINCT instance_id) AS n_affected
    FROM concerned
    GROUP BY ALL
)
SELECT grouped.* EXCLUDE (series), t.StudyInstanceUID, t.SeriesInstanceUID
FROM grouped JOIN touched AS t USING (series);
