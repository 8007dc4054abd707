-- Findings about each study and its series. Findings about files belong to neither.
CREATE TABLE study_findings AS
SELECT StudyInstanceUID, count(*) AS n
FROM findings
WHERE level IN ('study', 'series', 'instance')
GROUP BY StudyInstanceUID;
