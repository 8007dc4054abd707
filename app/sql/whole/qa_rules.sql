-- All findings, which have no series to be looked for; also those about the lake, which have none.
SELECT
    rule,
    severity,
    count(*) AS n_findings,
    count(DISTINCT StudyInstanceUID) AS n_studies,
    coalesce(sum(n_affected), 0)::BIGINT AS n_affected
FROM findings
GROUP BY rule, severity
ORDER BY array_position(['error', 'warning', 'info'], severity), n_findings DESC, rule
