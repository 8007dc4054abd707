-- Why files did not become instances, with how many files each reason has.
SELECT status, reason, count(*) AS files, coalesce(sum(size), 0)::BIGINT AS bytes
FROM files
WHERE status <> 'ok'
GROUP BY status, reason
ORDER BY files DESC, status, reason
