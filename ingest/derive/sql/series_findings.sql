-- Findings about each series: those that were made now, and those of series that nothing touched.
-- What is about studies, the lake or files may still follow (mr_rules_failed).
CREATE VIEW kept_findings AS
SELECT o.*
FROM last_findings AS o
ANTI JOIN (SELECT rule FROM rules WHERE stage IN ('lake', 'classes')) USING (rule)
ANTI JOIN touched AS t
    ON o.StudyInstanceUID IS NOT DISTINCT FROM t.StudyInstanceUID
    AND o.SeriesInstanceUID IS NOT DISTINCT FROM t.SeriesInstanceUID;

CREATE TABLE series_findings AS
SELECT StudyInstanceUID, SeriesInstanceUID, count(*) AS n
FROM (
    SELECT f.StudyInstanceUID, f.SeriesInstanceUID, coalesce(r.level, 'instance') AS level
    FROM finding_rows AS f LEFT JOIN rules AS r USING (rule)
    UNION ALL
    SELECT StudyInstanceUID, SeriesInstanceUID, level FROM kept_findings
)
WHERE level IN ('series', 'instance')
GROUP BY StudyInstanceUID, SeriesInstanceUID;
