-- What varies within one series ($study, $series): elements that do not have the same value in all
-- of its instances, with their values in slice order.
WITH members AS MATERIALIZED (
    SELECT
        instance_id,
        header_id,
        row_number() OVER (
            ORDER BY slice_position_mm NULLS LAST, acquisition_datetime NULLS LAST,
                InstanceNumber NULLS LAST, SOPInstanceUID
        ) AS position,
        count(*) OVER () AS n
    FROM instances
    WHERE StudyInstanceUID IS NOT DISTINCT FROM nullif($study, 'none')
        AND SeriesInstanceUID IS NOT DISTINCT FROM nullif($series, 'none')
),
shared AS (
    SELECT header_id, count(*) AS instances, any_value(n) AS n FROM members GROUP BY header_id
),
-- What is the same in all instances of a header is stored once, and is looked at instance by
-- instance only where another header of the series says something else, or nothing.
uneven AS MATERIALIZED (
    SELECT path
    FROM header_elements
    JOIN shared USING (header_id)
    JOIN element_keys USING (key_id)
    GROUP BY path
    HAVING sum(instances) < any_value(n) OR count(DISTINCT coalesce(text, sha256, '')) > 1
),
found AS (
    SELECT key_id, text, number, sha256, position, n
    FROM instance_elements
    JOIN members USING (instance_id)
    UNION ALL
    SELECT key_id, text, number, sha256, position, n
    FROM header_elements
    JOIN members USING (header_id)
    WHERE key_id IN (SELECT key_id FROM element_keys JOIN uneven USING (path))
),
summary AS (
    SELECT
        path,
        any_value(tag) AS tag,
        coalesce(any_value(name), any_value(keyword), path) AS name,
        any_value(creator) AS creator,
        count(*) AS n_present,
        count(DISTINCT coalesce(text, sha256, '')) AS n_values,
        min(number) AS smallest,
        max(number) AS largest,
        arg_min(text, position) AS first_text,
        arg_max(text, position) AS last_text,
        list(number ORDER BY position) FILTER (number IS NOT NULL) AS numbers,
        any_value(n) AS n
    FROM found
    JOIN element_keys USING (key_id)
    GROUP BY path
)
SELECT
    name,
    n_values,
    first_text,
    last_text,
    smallest,
    largest,
    -- at most 200 points: a picture, not data
    CASE WHEN smallest < largest THEN list_transform(range(least(len(numbers), 200)),
        lambda x: numbers[1 + x * len(numbers) // least(len(numbers), 200)]) END AS strip,
    n_present,
    tag,
    creator,
    path
FROM summary
WHERE n_values > 1 OR n_present < n
ORDER BY path
