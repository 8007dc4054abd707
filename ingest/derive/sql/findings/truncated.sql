-- Instances whose file ends too early, unless the reader has already said where.
INSERT INTO finding_rows BY NAME
WITH told AS (
    SELECT instance_id, header_id
    FROM problems
    WHERE rule IN ('truncated_header', 'truncated_pixels')
)
SELECT
    'truncated' AS rule,
    t.StudyInstanceUID,
    t.SeriesInstanceUID,
    min(m.SOPInstanceUID) AS SOPInstanceUID,
    'a whole file' AS expected,
    'the ' || min(m.truncation) || ' ends too early' AS observed,
    count(*) AS n_affected
FROM members AS m
JOIN touched AS t USING (series)
ANTI JOIN (SELECT instance_id FROM told) AS i ON m.instance_id = i.instance_id
ANTI JOIN (SELECT header_id FROM told WHERE instance_id IS NULL) AS h ON m.header_id = h.header_id
WHERE m.truncation IS NOT NULL
GROUP BY series, t.StudyInstanceUID, t.SeriesInstanceUID;
