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
