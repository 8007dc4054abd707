-- Private elements that there are in the databank, whatever is filtered: creator, group and offset,
-- name of a decoded value. Reads only what kinds of elements the parts have, so it is quick.
SELECT
    {private_words},
    min(name) AS name,
    string_agg(DISTINCT vr, '/' ORDER BY vr) AS vr,
    min(private_class) AS private_class
FROM element_keys
-- (gggg,00bb) only says who the creator is
WHERE private_class IS NOT NULL AND substr(tag, 5, 2) <> '00'
GROUP BY 1, 2, 3, 4
ORDER BY 1, 4, 2, 3
