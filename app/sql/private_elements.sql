-- In how many series private elements are: each element (level 'element') and each group of them
-- (creator and payload, level 'group'), whatever their values. Reads only which profiles series have,
-- so it is quick; parameters of a vendor's protocol are not in these, only the text that holds them.
WITH used AS (
    SELECT private_profile, count(*) AS n
    FROM series
    WHERE private_profile IS NOT NULL
    GROUP BY private_profile
),
-- A series has one block of each group at most, so numbers of series add up.
blocks AS MATERIALIZED (
    SELECT private_block, sum(n)::BIGINT AS n
    FROM private_profiles
    JOIN used USING (private_profile)
    GROUP BY private_block
),
elements AS MATERIALIZED (
    SELECT creator, payload, element, field, sum(n)::BIGINT AS n_series
    FROM private_blocks
    JOIN blocks USING (private_block)
    GROUP BY creator, payload, element, field
)
SELECT 'element' AS level, creator, payload, element, field, n_series
FROM elements
UNION ALL
SELECT 'group', creator, payload, NULL, NULL, sum(n)::BIGINT
FROM (SELECT DISTINCT private_block, creator, payload FROM private_blocks)
JOIN blocks USING (private_block)
GROUP BY creator, payload
UNION ALL
-- What is decoded from a text has the name of that text as its payload.
SELECT 'group', creator, field, NULL, NULL, max(n_series)
FROM elements
WHERE field <> ''
GROUP BY creator, field
ORDER BY 1, 2, 3, 4, 5
