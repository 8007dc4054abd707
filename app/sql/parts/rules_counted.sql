-- What the findings in ``about`` say, by rule and severity, the gravest first.
SELECT
    rule,
    severity,
    count(*) AS n_findings,
    count(DISTINCT StudyInstanceUID) AS n_studies,
    coalesce(sum(n_affected), 0)::BIGINT AS n_affected
FROM about
GROUP BY rule, severity
ORDER BY array_position(['error', 'warning', 'info'], severity), n_findings DESC, rule
