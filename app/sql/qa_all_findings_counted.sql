-- Files behind every measure of quality that is about findings, by rule: qa_findings_counted without
-- filters, which then has no series to look for.
SELECT rule, coalesce(sum(n_affected), 0)::BIGINT AS n_affected
FROM findings
WHERE rule IN (
    {rules_of_measures}
)
GROUP BY rule
