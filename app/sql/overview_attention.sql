-- What the findings of these series say, by rule: the gravest first. Files that could not be read
-- belong to no series and are counted always.
SELECT
    rule,
    severity,
    count(*) AS findings,
    count(DISTINCT StudyInstanceUID) AS n_studies,
    coalesce(sum(n_affected), 0)::BIGINT AS n_affected
FROM findings
WHERE severity <> 'info'
    AND (level = 'file' OR coalesce(StudyInstanceUID, '') IN (
        SELECT coalesce(StudyInstanceUID, '') FROM series
    ))
GROUP BY rule, severity
ORDER BY array_position(['error', 'warning'], severity), findings DESC, rule
