-- In how many series and instances private elements are: each element (level 'element'), each group
-- of them (creator and payload, level 'group'), and any of them (level 'total'). Reads no values.
WITH keys AS (
    SELECT
        key_id,
        {private_words}
    FROM element_keys
    WHERE private_class IS NOT NULL AND substr(tag, 5, 2) <> '00'
),
{private_members},
shared AS (
    SELECT header_id, series, count(*) AS n FROM members GROUP BY header_id, series
),
found AS (
    SELECT key_id, header_id, series, n
    FROM header_elements
    JOIN shared USING (header_id)
    WHERE key_id IN (SELECT key_id FROM keys)
    UNION ALL
    SELECT key_id, header_id, series, count(*)
    FROM instance_elements
    JOIN members USING (instance_id)
    WHERE key_id IN (SELECT key_id FROM keys)
    GROUP BY key_id, header_id, series
),
-- An element at several paths of an instance counts once for it: whoever has item 2 has item 1.
elements AS MATERIALIZED (
    SELECT creator, payload, element, field, header_id, series, max(n) AS n
    FROM found
    JOIN keys USING (key_id)
    GROUP BY creator, payload, element, field, header_id, series
),
groups AS MATERIALIZED (
    SELECT creator, payload, header_id, series, max(n) AS n
    FROM elements
    GROUP BY creator, payload, header_id, series
),
any_of_them AS (
    SELECT header_id, series, max(n) AS n FROM groups GROUP BY header_id, series
)
SELECT 'element' AS level, creator, payload, element, field,
    count(DISTINCT series) AS n_series, sum(n)::BIGINT AS n_instances
FROM elements
GROUP BY creator, payload, element, field
UNION ALL
SELECT 'group', creator, payload, NULL, NULL, count(DISTINCT series), sum(n)::BIGINT
FROM groups
GROUP BY creator, payload
UNION ALL
SELECT 'total', NULL, NULL, NULL, NULL, count(DISTINCT series), coalesce(sum(n), 0)::BIGINT
FROM any_of_them
ORDER BY 1, 2, 3, 4, 5
