-- What the findings about these series say, by rule and severity, the gravest first. Files that
-- could not be read belong to no series and are counted always.
WITH about AS (
    SELECT rule, severity, StudyInstanceUID, n_affected
    FROM findings
    WHERE level = 'file'
    UNION ALL
    SELECT f.rule, f.severity, f.StudyInstanceUID, f.n_affected
    FROM findings AS f
    SEMI JOIN series AS s
        ON coalesce(f.StudyInstanceUID, '') = coalesce(s.StudyInstanceUID, '')
    WHERE f.level <> 'file' AND f.SeriesInstanceUID IS NULL
    UNION ALL
    SELECT f.rule, f.severity, f.StudyInstanceUID, f.n_affected
    FROM findings AS f
    SEMI JOIN series AS s
        ON coalesce(f.StudyInstanceUID, '') = coalesce(s.StudyInstanceUID, '')
        AND f.SeriesInstanceUID = s.SeriesInstanceUID
    WHERE f.level <> 'file'
)
{rules_counted}
