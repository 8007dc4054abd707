-- Attributes that all instances of a series should share and do not. A missing value is no other
-- value. Instances without a SeriesInstanceUID are no series, so nothing is expected of them.
INSERT INTO finding_rows BY NAME
SELECT
    'value_not_constant' AS rule,
    a.severity,
    s.StudyInstanceUID,
    s.SeriesInstanceUID,
    a.path,
    a.attribute AS subject,
    'one value' AS expected,
    s.difference.low || ' and ' || s.difference.high AS observed,
    s.n_instances AS n_affected
FROM (
    SELECT StudyInstanceUID, SeriesInstanceUID, n_instances, unnest(differences) AS difference
    FROM new_series
    WHERE SeriesInstanceUID IS NOT NULL
) AS s
JOIN attributes AS a ON a.attribute = s.difference.attribute;
