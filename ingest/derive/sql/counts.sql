-- Findings about each series and study. Findings about files belong to neither.
CREATE TEMP TABLE series_findings AS
SELECT StudyInstanceUID, SeriesInstanceUID, count(*) AS n
FROM findings
WHERE level IN ('series', 'instance')
GROUP BY StudyInstanceUID, SeriesInstanceUID;

CREATE TEMP TABLE study_findings AS
SELECT StudyInstanceUID, count(*) AS n
FROM findings
WHERE level IN ('study', 'series', 'instance')
GROUP BY StudyInstanceUID;

CREATE TEMP VIEW counted_series AS
SELECT s.* REPLACE (coalesce(f.n, 0) AS n_findings)
FROM series AS s
LEFT JOIN series_findings AS f
    ON s.StudyInstanceUID IS NOT DISTINCT FROM f.StudyInstanceUID
    AND s.SeriesInstanceUID IS NOT DISTINCT FROM f.SeriesInstanceUID;
