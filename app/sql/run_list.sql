-- All runs of the ingest, the latest first; when they began, so many minutes east of Greenwich.
SELECT
    strftime(started::TIMESTAMP + to_minutes($minutes::BIGINT), '%Y-%m-%d %H:%M:%S') AS began,
    state, seen, ok, duplicate, not_dicom, error, unchanged, seconds, workers, versions, sources,
    run_id
FROM runs
ORDER BY began DESC, run_id
