-- Private elements with a value that contains a text ($value, in any case): the 1,000 values that are
-- in most series.
WITH keys AS (
    SELECT
        key_id,
        {private_words},
        name
    FROM element_keys
    WHERE private_class IS NOT NULL AND substr(tag, 5, 2) <> '00'
),
{private_members},
shared AS (
    SELECT DISTINCT header_id, series FROM members
),
found AS (
    SELECT key_id, text, series
    FROM header_elements
    JOIN shared USING (header_id)
    WHERE contains(lower(text), lower($value)) AND key_id IN (SELECT key_id FROM keys)
    UNION
    SELECT key_id, text, series
    FROM instance_elements
    JOIN members USING (instance_id)
    WHERE contains(lower(text), lower($value)) AND key_id IN (SELECT key_id FROM keys)
)
SELECT
    creator, element, field, min(name) AS name, text AS value, count(DISTINCT series) AS n_series
FROM found
JOIN keys USING (key_id)
GROUP BY creator, element, field, text
ORDER BY n_series DESC, creator, element, field, value
LIMIT 1000
