-- All findings, which have no series to be looked for.
SELECT rule, coalesce(sum(n_affected), 0)::BIGINT AS n_affected
FROM findings
WHERE rule IN (
    {rules_of_measures}
)
GROUP BY rule
