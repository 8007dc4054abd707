SELECT status, reason, count(*) AS files, sum(size)::BIGINT AS bytes
FROM files
WHERE status <> 'ok'
GROUP BY ALL
ORDER BY files DESC
