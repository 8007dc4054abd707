-- Files behind every measure of quality that is about findings, by rule, as far as their series are
-- left by the filters.
WITH chosen AS MATERIALIZED (
    SELECT rule, StudyInstanceUID, SeriesInstanceUID, n_affected
    FROM findings
    WHERE rule IN (
        {rules_of_measures}
    )
)
SELECT c.rule, coalesce(sum(c.n_affected), 0)::BIGINT AS n_affected
FROM chosen AS c
SEMI JOIN series AS s
    ON coalesce(c.StudyInstanceUID, '') = coalesce(s.StudyInstanceUID, '')
    AND coalesce(c.SeriesInstanceUID, '') = coalesce(s.SeriesInstanceUID, '')
GROUP BY c.rule
