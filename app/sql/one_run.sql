-- A run of the ingest, and how many of the files it read have not been read again since.
SELECT
    started, state, seen, ok, duplicate, not_dicom, error, unchanged, seconds, workers, versions,
    sources, run_id, (SELECT count(*) FROM files WHERE run_id = $run) AS still
FROM runs
WHERE run_id = $run
