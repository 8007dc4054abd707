-- The values of one private element ($creator, $element as ggggxxee, $field of a decoded value, else
-- ''): the 1,000 that are in most series (level 'value'); by manufacturer, model and software
-- version (level 'maker'); and in all (level 'total').
WITH
{one_private_element},
{private_members},
shared AS (
    SELECT header_id, series, count(*) AS n FROM members GROUP BY header_id, series
),
found AS (
    SELECT text, number, byte_length, sha256, series, n
    FROM header_elements
    JOIN keys USING (key_id)
    JOIN shared USING (header_id)
    UNION ALL
    SELECT text, number, byte_length, sha256, series, 1
    FROM instance_elements
    JOIN keys USING (key_id)
    JOIN members USING (instance_id)
),
-- A binary value is known by its hash, a sequence by its number of items.
valued AS MATERIALIZED (
    SELECT
        coalesce(sha256, text, number::BIGINT::VARCHAR, '') AS value_key,
        series,
        any_value(number) AS number,
        any_value(byte_length) AS byte_length,
        bool_or(text IS NULL) AS textless,
        sum(n)::BIGINT AS n
    FROM found
    GROUP BY value_key, series
),
makers AS MATERIALIZED (
    SELECT
        hash(StudyInstanceUID, SeriesInstanceUID) AS series,
        Manufacturer AS maker,
        ManufacturerModelName AS model,
        array_to_string(SoftwareVersions, ' · ') AS software,
        hash(maker, model, software) AS makers_key
    FROM series
),
-- From here on it is about distinct values, which are few, and not about series.
paired AS MATERIALIZED (
    SELECT
        value_key,
        makers_key,
        any_value(maker) AS maker,
        any_value(model) AS model,
        any_value(software) AS software,
        min(number) AS smallest,
        max(number) AS largest,
        any_value(byte_length) AS byte_length,
        bool_or(textless) AS textless,
        count(*) AS n_series,
        sum(n)::BIGINT AS n_occurrences
    FROM valued
    JOIN makers USING (series)
    GROUP BY value_key, makers_key
),
reach AS (
    SELECT makers_key, count(*) AS n_series
    FROM (SELECT DISTINCT series FROM valued)
    JOIN makers USING (series)
    GROUP BY makers_key
),
most AS (
    SELECT
        'value' AS level,
        value_key,
        CASE WHEN NOT bool_or(textless) THEN value_key END AS text,
        min(smallest) AS smallest,
        max(largest) AS largest,
        any_value(byte_length) AS byte_length,
        NULL AS maker,
        NULL AS model,
        NULL AS software,
        list_sort(list(DISTINCT maker)) AS makers,
        list_sort(list(DISTINCT software))[:10] AS softwares,
        1 AS n_values,
        sum(n_series)::BIGINT AS n_series,
        sum(n_occurrences)::BIGINT AS n_occurrences
    FROM paired
    GROUP BY value_key
    ORDER BY n_series DESC, n_occurrences DESC, value_key
    LIMIT 1000
)
FROM most
UNION ALL
SELECT 'maker', NULL, NULL, min(smallest), max(largest), NULL, any_value(maker),
    any_value(model), any_value(software), NULL, NULL, count(*), any_value(reach.n_series),
    sum(n_occurrences)::BIGINT
FROM paired
JOIN reach USING (makers_key)
GROUP BY makers_key
UNION ALL
SELECT 'total', NULL, NULL, min(smallest), max(largest), NULL, NULL, NULL, NULL, NULL, NULL,
    count(DISTINCT value_key), coalesce((SELECT sum(n_series)::BIGINT FROM reach), 0),
    coalesce(sum(n_occurrences), 0)::BIGINT
FROM paired
ORDER BY level, n_series DESC, n_occurrences DESC, value_key, maker, model, software
