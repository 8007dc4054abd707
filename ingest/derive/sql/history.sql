-- All findings, each with the run that first had it, and those that are gone.
--
-- A finding is the same as before if rule, study, series and element are; of several such the nth.
-- What it observed, its example and how many it affects may change. Of files it is the kind of
-- reason. A run may commit several times: what came and went within it was never new nor gone.
CREATE MACRO what_it_is(rule, study, series, path, level, observed) AS hash(
    rule, study, series, path,
    CASE WHEN level = 'file' THEN regexp_replace(observed, '[0-9]+', 'N', 'g') END
);
CREATE MACRO kinds(rows) AS TABLE
SELECT *, what_it_is(rule, StudyInstanceUID, SeriesInstanceUID, path, level, observed) AS what
FROM query_table(rows);
CREATE MACRO told_apart(rows) AS TABLE
SELECT
    *,
    row_number() OVER (
        PARTITION BY what ORDER BY observed NULLS FIRST, SOPInstanceUID NULLS FIRST, message
    ) AS nth
FROM query_table(rows);

SET VARIABLE run = (SELECT arg_max(run_id, {started: started, run_id: run_id}) FROM runs);

-- Findings of before that were judged again: those of the lake and of classes, those of touched
-- series, or all.
CREATE TABLE judged_again AS
SELECT *
FROM kinds('known_findings')
WHERE getvariable('rebuilt')
    OR rule IN (SELECT rule FROM rules WHERE stage IN ('lake', 'classes'))
    OR (coalesce(StudyInstanceUID, ''), coalesce(SeriesInstanceUID, '')) IN (
        SELECT (coalesce(StudyInstanceUID, ''), coalesce(SeriesInstanceUID, '')) FROM touched
    );
CREATE VIEW gone AS FROM kinds('known_findings_gone');
CREATE TABLE findings_before AS FROM told_apart('judged_again');
CREATE TABLE gone_before AS FROM told_apart('gone');

-- Only what there was before may be there again. The first time nothing was.
CREATE VIEW made_kinds AS FROM kinds('made');
CREATE VIEW made_again AS
FROM made_kinds
SEMI JOIN (SELECT what FROM findings_before UNION SELECT what FROM gone_before) USING (what);
CREATE TABLE findings_again AS FROM told_apart('made_again');

CREATE TABLE findings AS
SELECT
    m.* EXCLUDE (what, nth),
    CASE
        WHEN b.what IS NOT NULL THEN b.first_run
        WHEN g.what IS NOT NULL THEN g.first_run
        WHEN getvariable('remembers') THEN getvariable('run')
    END AS first_run
FROM findings_again AS m
LEFT JOIN findings_before AS b USING (what, nth)
LEFT JOIN (FROM gone_before WHERE gone_run = getvariable('run')) AS g USING (what, nth)
UNION ALL BY NAME
SELECT
    * EXCLUDE (what),
    CASE WHEN getvariable('remembers') THEN getvariable('run') END AS first_run
FROM made_kinds
ANTI JOIN findings_again USING (what)
UNION ALL BY NAME
FROM kept_findings;

CREATE TABLE findings_gone AS
WITH now_gone AS (
    SELECT * REPLACE (getvariable('run') AS gone_run)
    FROM (SELECT *, NULL::VARCHAR AS gone_run FROM findings_before)
    ANTI JOIN findings_again USING (what, nth)
    WHERE first_run IS DISTINCT FROM getvariable('run')
)
SELECT * EXCLUDE (what, nth) FROM now_gone
UNION ALL BY NAME
SELECT * EXCLUDE (what, nth)
FROM gone_before
ANTI JOIN now_gone USING (what, nth)
ANTI JOIN findings_again AS m
    ON gone_run = getvariable('run') AND gone_before.what = m.what AND gone_before.nth = m.nth;
