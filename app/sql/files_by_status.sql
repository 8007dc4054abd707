-- Files by what became of them.
SELECT status, count(*) AS files, coalesce(sum(size), 0)::BIGINT AS bytes
FROM files
GROUP BY status
ORDER BY status
