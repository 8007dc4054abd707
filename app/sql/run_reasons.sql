-- Why files of a run (of all runs where none is named) did not become instances, and how many.
SELECT status, reason, count(*) AS files, coalesce(sum(size), 0)::BIGINT AS bytes
FROM files
WHERE status <> 'ok' AND ($run = '' OR run_id = $run)
GROUP BY status, reason
ORDER BY files DESC, status, reason
