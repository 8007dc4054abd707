-- Every element of one series ($series is its SeriesInstanceUID) with each value that it has in the
-- series: n of its instances have that value, and the series has n_instances.
WITH members AS MATERIALIZED (
    SELECT instance_id, header_id
    FROM instances
    WHERE SeriesInstanceUID = $series
),
-- What all instances of a header share is stored once and counts once for each of them.
shared AS (
    SELECT header_id, count(*) AS n FROM members GROUP BY header_id
),
found AS (
    SELECT key_id, text, number, byte_length, sha256, n
    FROM header_elements
    JOIN shared USING (header_id)
    UNION ALL
    SELECT key_id, text, number, byte_length, sha256, 1
    FROM instance_elements
    JOIN members USING (instance_id)
)
SELECT
    path,
    tag,
    any_value(keyword) AS keyword,
    coalesce(any_value(name), any_value(keyword)) AS name,
    creator,
    vr,
    any_value(private_class) AS private_class,
    text,
    number,
    byte_length,
    sha256,
    sum(n)::BIGINT AS n,
    (SELECT count(*) FROM members) AS n_instances
FROM found
JOIN element_keys USING (key_id)
GROUP BY path, tag, creator, vr, text, number, byte_length, sha256
