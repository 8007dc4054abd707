-- Attributes of the patient or the study that differ between the series of a study.
INSERT INTO finding_rows BY NAME
SELECT
    'value_not_constant_in_study' AS rule,
    a.severity_in_study AS severity,
    s.StudyInstanceUID,
    a.path,
    a.attribute AS subject,
    'one value' AS expected,
    s.difference.low || ' and ' || s.difference.high AS observed,
    s.n_instances AS n_affected
FROM (
    SELECT StudyInstanceUID, n_instances, unnest(differences) AS difference
    FROM (
        SELECT
            StudyInstanceUID,
            sum(n_instances) AS n_instances,
            {study_differences} AS differences
        FROM series
        WHERE StudyInstanceUID IS NOT NULL
        GROUP BY StudyInstanceUID
    )
) AS s
JOIN attributes AS a ON a.attribute = s.difference.attribute
WHERE a.severity_in_study IS NOT NULL;
