-- All quality values of each series, beside those that quality_source has. Its score is that of its
-- study.
CREATE TABLE series_quality AS
SELECT
    v.*,
    {equipment} AS equipment,
    i.ct_irradiation,
    i.ct_reconstruction,
    p.ct_protocol,
    d.dose_robust_z,
    d.dose_robust_z > getvariable('dose_robust_z') AS dose_outlier,
    r.is_representative,
    q.qa_score,
    q.qa_score_max,
    q.qa_missed
FROM quality_values AS v
JOIN quality_source AS s USING (nth)
JOIN representatives AS r USING (nth)
LEFT JOIN dose_distances AS d USING (nth)
LEFT JOIN irradiations AS i USING (nth)
LEFT JOIN ct_protocols AS p ON s.study = p.study
LEFT JOIN study_scores AS q ON s.study IS NOT DISTINCT FROM q.study;

DROP TABLE quality_values;
DROP TABLE dose_distances;
DROP TABLE representatives;
DROP TABLE irradiations;
DROP TABLE ct_protocols;
DROP TABLE study_scores;
