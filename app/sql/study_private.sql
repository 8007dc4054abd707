-- The private elements of one study ($study) by creator: how many, in how many of its series, how
-- many values could be decoded from them, and some of their names.
WITH members AS MATERIALIZED (
    SELECT instance_id, header_id, coalesce(SeriesInstanceUID, '') AS series
    FROM instances
    WHERE StudyInstanceUID IS NOT DISTINCT FROM nullif($study, 'none')
),
-- Of odd groups, and not the reservation of a block. Keys are numbered by part, like instances.
keys AS MATERIALIZED (
    SELECT key_id, path, tag, creator, name, contains(path, '/') AS is_decoded
    FROM element_keys
    WHERE key_id >> 32 IN (
        SELECT instance_id >> 32 FROM members UNION SELECT header_id >> 32 FROM members)
        AND contains('13579BDF', tag[4]) AND tag[5:6] <> '00'
),
used AS (
    SELECT series, key_id
    FROM (SELECT DISTINCT series, header_id FROM members)
    JOIN header_elements USING (header_id)
    SEMI JOIN keys USING (key_id)
    UNION
    SELECT series, key_id
    FROM members
    JOIN instance_elements USING (instance_id)
    SEMI JOIN keys USING (key_id)
)
SELECT
    creator,
    count(DISTINCT path) FILTER (NOT is_decoded) AS n_elements,
    count(DISTINCT path) FILTER (is_decoded) AS n_decoded,
    count(DISTINCT series) AS n_series,
    array_to_string(list_sort(list(DISTINCT name)
        FILTER (NOT is_decoded AND name IS NOT NULL))[1:8], ', ') AS names
FROM used JOIN keys USING (key_id)
GROUP BY creator
ORDER BY n_elements DESC, creator
