-- Duplicates whose elements are not those of the file that counts, file meta information aside.
--
-- Elements are stored once per header and, where they vary, per instance. So headers are compared
-- with headers first, once for all their instances; what they have in common can't differ. Each
-- side has a sign, and what does not cancel out differs, however often a path occurs.
CREATE TEMP TABLE pairs AS
SELECT
    d.file_id AS lost_id,
    l.header_id AS lost_header,
    m.instance_id AS kept_id,
    m.header_id AS kept_header,
    m.series,
    m.SOPInstanceUID
FROM dropped AS d
JOIN members AS m ON d.kept_file_id = m.instance_id
JOIN (
    SELECT instance_id, header_id
    FROM instances
    SEMI JOIN (SELECT file_id FROM dropped WHERE why = 'duplicate') ON instance_id = file_id
) AS l ON d.file_id = l.instance_id
WHERE d.why = 'duplicate';

INSERT INTO finding_rows BY NAME
WITH header_pairs AS (SELECT DISTINCT lost_header, kept_header FROM pairs),
header_sides AS (
    SELECT lost_header AS header_id, 1 AS sign, lost_header, kept_header FROM header_pairs
    UNION ALL
    SELECT kept_header, -1, lost_header, kept_header FROM header_pairs
),
header_differences AS (
    SELECT
        lost_header,
        kept_header,
        path,
        coalesce(sha256, text, CAST(number AS VARCHAR), '') AS value,
        sum(sign) AS surplus
    FROM (
        SELECT header_id, key_id, text, number, sha256
        FROM header_elements SEMI JOIN header_sides USING (header_id)
    )
    JOIN header_sides USING (header_id)
    JOIN element_keys USING (key_id)
    GROUP BY ALL
    HAVING sum(sign) <> 0
),
instance_sides AS (
    SELECT lost_id AS instance_id, 1 AS sign, lost_id FROM pairs
    UNION ALL
    SELECT kept_id, -1, lost_id FROM pairs
),
signed AS (
    SELECT lost_id, path, value, surplus
    FROM pairs JOIN header_differences USING (lost_header, kept_header)
    UNION ALL
    SELECT lost_id, path, coalesce(sha256, text, CAST(number AS VARCHAR), ''), sign
    FROM (
        SELECT instance_id, key_id, text, number, sha256
        FROM instance_elements SEMI JOIN instance_sides USING (instance_id)
    )
    JOIN instance_sides USING (instance_id)
    JOIN element_keys USING (key_id)
),
differing AS (
    SELECT lost_id, path
    FROM signed
    WHERE path NOT LIKE '0002%'
    GROUP BY lost_id, path, value
    HAVING sum(surplus) <> 0
),
summed AS (
    SELECT
        series,
        min(SOPInstanceUID) AS SOPInstanceUID,
        count(DISTINCT kept_id) AS n_affected,
        ascending(path) AS paths
    FROM differing JOIN pairs USING (lost_id)
    GROUP BY series
)
SELECT
    'duplicate_conflict' AS rule,
    t.StudyInstanceUID,
    t.SeriesInstanceUID,
    SOPInstanceUID,
    CASE WHEN len(paths) = 1 THEN paths[1] END AS path,
    'the same elements in all files with one SOP Instance UID' AS expected,
    CASE
        WHEN len(paths) = 1 THEN 'another value of ' || paths[1]
        ELSE len(paths) || ' elements differ, such as ' || array_to_string(paths[1:3], ', ')
    END AS observed,
    n_affected
FROM summed JOIN touched AS t USING (series);
