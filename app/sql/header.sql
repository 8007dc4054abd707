-- All elements of one instance, nested, private and decoded ones included; $instance and $header are
-- its instance_id and header_id: numbers, with which only its own parts of the files are read.
WITH own AS (
    SELECT key_id, text, number, byte_length, true AS varies
    FROM instance_elements
    WHERE instance_id = $instance
    UNION ALL
    SELECT key_id, text, number, byte_length, false AS varies
    FROM header_elements
    WHERE header_id = $header
),
-- Keys are numbered like instances and headers: the number of their part times 2^32, and so on.
keys AS (
    SELECT *
    FROM element_keys
    WHERE key_id BETWEEN ($instance >> 32) << 32 AND (($instance >> 32) + 1) << 32
        OR key_id BETWEEN ($header >> 32) << 32 AND (($header >> 32) + 1) << 32
)
SELECT path, tag, keyword, name, creator, vr, text, number, byte_length, private_class, varies
FROM own JOIN keys USING (key_id)
ORDER BY
    -- numbers of items as eight digits, so that [10] follows [9]
    regexp_replace(
        regexp_replace(path, '\[(\d+)\]', '[0000000\1]', 'g'), '\[\d*(\d{8})\]', '[\1]', 'g'
    )
