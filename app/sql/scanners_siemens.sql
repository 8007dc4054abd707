-- The lines of the Siemens protocol of one series ($series is its SeriesInstanceUID), as its first
-- instance has them.
WITH one AS (
    SELECT instance_id, header_id
    FROM instances
    WHERE SeriesInstanceUID = $series
    ORDER BY instance_id
    LIMIT 1
),
keys AS (
    SELECT key_id, name
    FROM element_keys
    WHERE starts_with(name, 'MrPhoenixProtocol/') OR starts_with(name, 'MrProtocol/')
)
SELECT name, text
FROM header_elements
SEMI JOIN one USING (header_id)
JOIN keys USING (key_id)
UNION
SELECT name, text
FROM instance_elements
SEMI JOIN one USING (instance_id)
JOIN keys USING (key_id)
ORDER BY name, text
