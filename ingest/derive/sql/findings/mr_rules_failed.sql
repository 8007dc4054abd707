-- Studies with MR series that the rules could not class, for a reason that is not theirs.
INSERT INTO finding_rows BY NAME
SELECT
    'mr_rules_failed' AS rule,
    s.StudyInstanceUID,
    CASE WHEN s.StudyInstanceUID IS NULL THEN s.SeriesInstanceUID END AS SeriesInstanceUID,
    min(s.FirstSOPInstanceUID) AS SOPInstanceUID,
    'a class for each MR series' AS expected,
    count(*) || ' series without one: ' || min(f.why) AS observed,
    CAST(sum(s.n_instances) AS BIGINT) AS n_affected
FROM series AS s
JOIN mr_failed AS f
    ON s.StudyInstanceUID IS NOT DISTINCT FROM f.StudyInstanceUID
    AND s.SeriesInstanceUID IS NOT DISTINCT FROM f.SeriesInstanceUID
GROUP BY s.StudyInstanceUID, CASE WHEN s.StudyInstanceUID IS NULL THEN s.SeriesInstanceUID END;
