-- Files that did not become instances, of one run and for one reason where these are named.
SELECT status, reason, uri, size, run_id, file_id
FROM files
WHERE status <> 'ok'
    AND ($run = '' OR run_id = $run)
    AND ($status = '' OR status = $status AND coalesce(reason, '') = $reason)
ORDER BY status DESC, reason, file_id
