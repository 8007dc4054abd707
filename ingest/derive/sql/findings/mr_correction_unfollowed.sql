-- Series of which somebody corrected the class of a kind of images that they do not have.
INSERT INTO finding_rows BY NAME
SELECT
    'mr_correction_unfollowed' AS rule,
    s.StudyInstanceUID,
    s.SeriesInstanceUID,
    'images of the kind that was corrected' AS expected,
    'none of the kind: ' || f.why AS observed,
    s.n_instances AS n_affected
FROM series AS s
JOIN mr_unfollowed AS f
    ON s.StudyInstanceUID IS NOT DISTINCT FROM f.StudyInstanceUID
    AND s.SeriesInstanceUID IS NOT DISTINCT FROM f.SeriesInstanceUID;
