-- Every judgement: the rules' rows with the rule's severity, level, sentence and reference, and
-- those about series that nothing touched as they were. A rule nobody knows still comes through.
CREATE TEMP TABLE findings AS
WITH told AS (
    SELECT
        f.rule,
        coalesce(f.severity, r.severity, 'info') AS severity,
        coalesce(r.level, 'instance') AS level,
        f.StudyInstanceUID,
        f.SeriesInstanceUID,
        f.SOPInstanceUID,
        f.path,
        left(f.expected, 200) AS expected,
        left(f.observed, 200) AS observed,
        f.n_affected,
        coalesce(r.message, 'The reader noticed ' || f.rule || ' ({affected}).') AS message,
        f.n_affected || CASE
            WHEN r.counts = 'files' THEN ' file'
            ELSE ' instance'
        END || CASE WHEN f.n_affected = 1 THEN '' ELSE 's' END AS affected,
        coalesce(f.subject, f.path, 'An element') AS subject,
        r.reference
    FROM finding_rows AS f
    LEFT JOIN rules AS r USING (rule)
)
SELECT
    rule,
    severity,
    level,
    StudyInstanceUID,
    SeriesInstanceUID,
    SOPInstanceUID,
    path,
    expected,
    observed,
    n_affected,
    replace(replace(message, '{subject}', subject), '{affected}', affected)
        || coalesce(' Expected: ' || expected || '.', '')
        || coalesce(' Found: ' || observed || '.', '') AS message,
    reference
FROM told
UNION ALL BY NAME
SELECT o.*
FROM last_findings AS o
ANTI JOIN (SELECT rule FROM rules WHERE stage = 'lake') USING (rule)
ANTI JOIN touched AS t
    ON o.StudyInstanceUID IS NOT DISTINCT FROM t.StudyInstanceUID
    AND o.SeriesInstanceUID IS NOT DISTINCT FROM t.SeriesInstanceUID;
