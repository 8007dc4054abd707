-- Where the files of one study ($study) were read: folder or archive (known only with identifiers),
-- run, and how many of them are instances or duplicates of instances.
WITH members AS MATERIALIZED (
    SELECT instance_id AS file_id
    FROM instances
    WHERE StudyInstanceUID IS NOT DISTINCT FROM nullif($study, 'none')
),
wanted AS (
    SELECT file_id FROM members
    UNION
    SELECT d.file_id FROM dropped AS d JOIN members AS m ON d.kept_file_id = m.file_id
    WHERE d.why = 'duplicate'
)
SELECT
    coalesce(container, regexp_replace(uri, '[/\\][^/\\]*$', '')) AS folder,
    container IS NOT NULL AS in_archive,
    status,
    count(*) AS files,
    sum(size)::BIGINT AS bytes,
    to_timestamp(max(mtime) / 1e9) AS changed,
    any_value(started) AS started,
    run_id
FROM files
SEMI JOIN wanted USING (file_id)
LEFT JOIN (SELECT run_id, started FROM runs) USING (run_id)
GROUP BY ALL
ORDER BY folder, status, started
