-- What the reader noticed in files that gave no instance, per rule and element.
INSERT INTO finding_rows BY NAME
SELECT
    coalesce(p.rule, 'unnamed') AS rule,
    'file' AS level,
    p.path,
    min(p.expected) AS expected,
    min(p.observed) AS observed,
    count(DISTINCT p.instance_id) AS n_affected
FROM problems AS p
SEMI JOIN (
    SELECT file_id FROM files ANTI JOIN dropped USING (file_id) WHERE status <> 'ok'
) AS f ON p.instance_id = f.file_id
GROUP BY ALL;
