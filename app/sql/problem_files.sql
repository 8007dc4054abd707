-- Files that did not become instances, one row each.
SELECT status, reason, uri, size, run_id, file_id
FROM files
WHERE status <> 'ok'
ORDER BY status DESC, reason, file_id
