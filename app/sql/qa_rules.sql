-- What the findings about these series say, by rule and severity, the gravest first. Files that
-- could not be read belong to no series and are counted always.
SELECT
    rule,
    severity,
    count(*) AS n_findings,
    count(DISTINCT StudyInstanceUID) AS n_studies,
    coalesce(sum(n_affected), 0)::BIGINT AS n_affected
FROM findings
WHERE level = 'file' OR (
    coalesce(StudyInstanceUID, '') IN (SELECT coalesce(StudyInstanceUID, '') FROM series)
    AND (SeriesInstanceUID IS NULL OR (coalesce(StudyInstanceUID, ''), SeriesInstanceUID) IN (
        SELECT (coalesce(StudyInstanceUID, ''), SeriesInstanceUID) FROM series
    ))
)
GROUP BY rule, severity
ORDER BY array_position(['error', 'warning', 'info'], severity), n_findings DESC, rule
