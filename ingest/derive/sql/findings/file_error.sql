-- Files that could not be read, by kind of reason: numbers in a reason do not make it another.
-- These findings are about no element; what was observed tells them apart.
INSERT INTO finding_rows BY NAME
SELECT
    'file_error' AS rule,
    'a file that can be read' AS expected,
    coalesce(min(reason), 'no reason given') AS observed,
    count(*) AS n_affected
FROM files
ANTI JOIN dropped USING (file_id)
WHERE status = 'error'
GROUP BY regexp_replace(reason, '[0-9]+', 'N', 'g');
