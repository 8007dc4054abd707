-- The runs of the ingest that findings are compared by, the latest first.
SELECT run_id, started
FROM runs
ORDER BY started DESC, run_id DESC
