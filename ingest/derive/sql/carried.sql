-- All series of the lake, as far as studies and findings need them: those that were made again,
-- and the others as they were.
CREATE VIEW series AS
SELECT * EXCLUDE (differences) FROM new_series
UNION ALL BY NAME
SELECT o.*
FROM last_series AS o
ANTI JOIN touched AS t
    ON o.StudyInstanceUID IS NOT DISTINCT FROM t.StudyInstanceUID
    AND o.SeriesInstanceUID IS NOT DISTINCT FROM t.SeriesInstanceUID;
