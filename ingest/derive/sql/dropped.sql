-- Files that were read and no longer count as an instance.
--
-- 'changed': the same uri was read again later; what was read last counts, whatever came of it.
-- 'duplicate': of the files that still count and hold the same SOPInstanceUID one is kept: a whole
-- file before a truncated one, then the smallest uri.
--
-- Both are decided per uri and per SOPInstanceUID, so only those that occur in new batches (all
-- batches in a full rebuild) are looked at again. Hashes stand for the texts while the whole lake
-- is scanned; texts are compared only where hashes meet.

-- Compaction leaves out files that were read again; what was said about them goes with them.
CREATE TEMP TABLE old_dropped AS
SELECT file_id, why, kept_file_id FROM last_dropped SEMI JOIN files USING (file_id);

-- uris that were read in new batches, and more than once in all
CREATE TEMP TABLE touched_uris AS
SELECT h
FROM (SELECT hash(uri) AS h FROM file_uris WHERE uri IS NOT NULL)
SEMI JOIN (SELECT DISTINCT hash(uri) AS h FROM new_file_uris) USING (h)
GROUP BY h
HAVING count(*) > 1;

CREATE TEMP TABLE readings AS
SELECT
    file_id,
    first_value(file_id) OVER (PARTITION BY uri ORDER BY batch DESC, file_id DESC) AS last_file_id
FROM (SELECT file_id, uri, batch, hash(uri) AS h FROM file_uris WHERE uri IS NOT NULL)
SEMI JOIN touched_uris USING (h);

-- instances in new batches, or in earlier readings of their uris, that occur more than once
CREATE TEMP TABLE touched_uids AS
SELECT h
FROM (SELECT hash(SOPInstanceUID) AS h FROM files WHERE SOPInstanceUID IS NOT NULL)
SEMI JOIN (
    SELECT hash(SOPInstanceUID) AS h FROM new_files
    UNION
    SELECT hash(SOPInstanceUID) FROM files SEMI JOIN readings USING (file_id)
) USING (h)
GROUP BY h
HAVING count(*) > 1;

-- all files about which there is something to decide: complete for each uri and SOPInstanceUID
CREATE TEMP TABLE candidates AS
WITH found AS (
    SELECT file_id, status, SOPInstanceUID FROM files SEMI JOIN readings USING (file_id)
    UNION
    SELECT file_id, status, SOPInstanceUID
    FROM files SEMI JOIN touched_uids ON hash(SOPInstanceUID) = h
)
SELECT file_id, status, SOPInstanceUID, uri, truncation
FROM found
LEFT JOIN (SELECT file_id, uri FROM file_uris SEMI JOIN found USING (file_id)) USING (file_id)
LEFT JOIN (
    SELECT instance_id AS file_id, truncation
    FROM instances SEMI JOIN found ON instance_id = file_id
) USING (file_id);

CREATE TEMP TABLE dropped AS
WITH changed AS (
    SELECT file_id, last_file_id AS kept_file_id FROM readings WHERE file_id <> last_file_id
    UNION ALL
    -- their uris are not in new batches, so nothing changed about them
    SELECT file_id, kept_file_id
    FROM old_dropped
    SEMI JOIN candidates USING (file_id)
    ANTI JOIN readings USING (file_id)
    WHERE why = 'changed'
),
duplicates AS (
    SELECT
        file_id,
        first_value(file_id) OVER (
            PARTITION BY SOPInstanceUID
            ORDER BY truncation IS NOT NULL, uri NULLS LAST, file_id
        ) AS kept_file_id
    FROM candidates
    ANTI JOIN changed USING (file_id)
    WHERE status = 'ok' AND SOPInstanceUID IS NOT NULL
)
SELECT file_id, why, kept_file_id FROM old_dropped ANTI JOIN candidates USING (file_id)
UNION ALL
SELECT file_id, 'changed', kept_file_id FROM changed
UNION ALL
SELECT file_id, 'duplicate', kept_file_id FROM duplicates WHERE file_id <> kept_file_id;
