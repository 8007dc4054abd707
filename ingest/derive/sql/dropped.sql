-- Files that were read and no longer count as an instance.
--
-- 'changed': the same uri was read again later; what was read last counts, whatever came of it. So
-- it is with a file that became an archive, with the members of an archive that became a file, and
-- with what could not be read of an archive that was read to its end since.
-- 'duplicate': of the files that still count and hold the same SOPInstanceUID one is kept: a whole
-- file before a truncated one, then the smallest uri.
--
-- Both are decided per uri and per SOPInstanceUID, so only those that occur in new batches (all
-- batches in a full rebuild) are looked at again. Hashes stand for the texts while the whole lake
-- is scanned; texts are compared only where hashes meet.

-- Compaction leaves out files that were read again; what was said about them goes with them.
CREATE TABLE old_dropped AS
SELECT file_id, why, kept_file_id FROM last_dropped SEMI JOIN files USING (file_id);

-- uris in new batches that are told of more than once in all: each time a file was read, and each
-- batch in which it was an archive. With the latter goes everything that was ever inside.
CREATE TABLE touched_uris AS
WITH told AS (
    SELECT hash(uri) AS h, NULL AS batch FROM file_uris WHERE uri IS NOT NULL
    UNION ALL (
        SELECT hash(uri), batch FROM containers
        UNION
        SELECT hash(container), batch FROM file_uris WHERE container IS NOT NULL
    )
),
again AS (
    SELECT h
    FROM told
    SEMI JOIN (
        SELECT hash(uri) AS h FROM new_file_uris
        UNION
        SELECT hash(container) FROM new_file_uris WHERE container IS NOT NULL
        UNION
        SELECT hash(uri) FROM new_containers
    ) USING (h)
    GROUP BY h
    HAVING count(*) > 1
)
SELECT h FROM again
UNION
SELECT hash(uri) FROM file_uris SEMI JOIN again ON hash(container) = h WHERE container IS NOT NULL;

-- A reading belongs to a place: the archive it is in, else its own uri.
CREATE TABLE readings AS
SELECT
    file_id,
    uri,
    batch,
    coalesce(container, uri) AS place,
    coalesce(container <> uri, false) AS is_inside,
    first_value(file_id) OVER (PARTITION BY uri ORDER BY batch DESC, file_id DESC) AS last_file_id
FROM (
    SELECT file_id, uri, container, batch, hash(uri) AS h FROM file_uris WHERE uri IS NOT NULL
)
SEMI JOIN touched_uris USING (h);

-- When a place was last read to its end as an archive, when it was last a file of another kind, and
-- the last file that was read there.
CREATE TABLE places AS
WITH told AS (
    SELECT coalesce(container, uri) AS place, batch, file_id, container IS NULL AS is_file
    FROM file_uris
    UNION ALL
    SELECT uri, batch, NULL, false FROM containers
)
SELECT
    place,
    max(batch) FILTER (file_id IS NULL) AS whole_batch,
    max(batch) FILTER (is_file) AS file_batch,
    max_by(file_id, (batch, file_id)) FILTER (file_id IS NOT NULL) AS last_file_id
FROM told SEMI JOIN readings USING (place)
GROUP BY place;

-- instances in new batches, or in earlier readings of their uris, that occur more than once
CREATE TABLE touched_uids AS
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
CREATE TABLE candidates AS
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

CREATE TABLE dropped AS
WITH outcomes AS (
    SELECT
        r.file_id AS last_file_id,
        CASE
            -- an archive, whole, where there was a file or one that could not be read
            WHEN p.whole_batch > r.batch AND (NOT r.is_inside OR c.status = 'error')
            -- a file where there was an archive
            OR p.file_batch > r.batch AND r.is_inside
            THEN p.last_file_id
            ELSE r.file_id
        END AS kept_file_id
    FROM readings AS r
    JOIN candidates AS c USING (file_id)
    LEFT JOIN places AS p USING (place)
    WHERE r.file_id = r.last_file_id
),
changed AS (
    SELECT file_id, kept_file_id
    FROM readings JOIN outcomes USING (last_file_id)
    WHERE file_id <> kept_file_id
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
