-- How often each rule was broken in what is looked at, and what is new or gone since the run before
-- $run; the gravest first.
WITH
{findings_here}
SELECT
    severity,
    rule,
    any_value(level) AS level,
    count(*) FILTER (since <> 'gone') AS n_findings,
    count(DISTINCT StudyInstanceUID) FILTER (since <> 'gone') AS n_studies,
    coalesce(sum(n_affected) FILTER (since <> 'gone'), 0)::BIGINT AS n_affected,
    count(*) FILTER (since = 'new') AS n_new,
    count(*) FILTER (since = 'gone') AS n_gone,
    any_value(reference) AS reference
FROM here
GROUP BY severity, rule
ORDER BY list_position(['error', 'warning', 'info'], severity), n_findings DESC, rule
