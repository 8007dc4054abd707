-- All runs of the ingest, the latest first.
SELECT
    started, state, seen, ok, duplicate, not_dicom, error, unchanged, seconds, workers, sources,
    run_id
FROM runs
ORDER BY started DESC
