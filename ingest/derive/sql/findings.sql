-- The judgements that were made now: the rules' rows with the rule's severity, level, sentence and
-- reference. A rule nobody knows still comes through. Those about series that nothing touched join
-- them in history.sql.
CREATE TABLE made AS
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
            WHEN r.counts = 'files' THEN CASE f.n_affected WHEN 1 THEN ' file' ELSE ' files' END
            WHEN r.counts = 'studies' THEN CASE f.n_affected WHEN 1 THEN ' study' ELSE ' studies' END
            ELSE CASE f.n_affected WHEN 1 THEN ' instance' ELSE ' instances' END
        END AS affected,
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
FROM told;
