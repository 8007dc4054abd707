-- Where the rows of series are, nth in the order in which they are written, and how many findings
-- each has.
SELECT s.nth, s.run, s.place, coalesce(f.n, 0) AS n_findings
FROM quality_source AS s
LEFT JOIN series_findings AS f
    ON s.StudyInstanceUID IS NOT DISTINCT FROM f.StudyInstanceUID
    AND s.SeriesInstanceUID IS NOT DISTINCT FROM f.SeriesInstanceUID
