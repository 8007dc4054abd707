-- Series by how long after the start of their study they started, in steps of ten minutes; those
-- before it, and those two hours or more after it, together.
WITH started AS (
    SELECT
        date_diff('second', StudyDate + StudyTime, coalesce(SeriesDate, StudyDate) + SeriesTime) / 60.0
            AS minutes
    FROM series
    WHERE StudyDate IS NOT NULL AND StudyTime IS NOT NULL AND SeriesTime IS NOT NULL
)
SELECT
    CASE WHEN minutes < 0 THEN -10 ELSE least(floor(minutes / 10) * 10, 120) END::BIGINT AS minutes,
    count(*) AS series
FROM started
GROUP BY ALL
ORDER BY ALL
