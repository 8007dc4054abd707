-- What varies within one series ($study, $series): elements that do not have the same value in all
-- of its instances, with their values in slice order.
WITH members AS MATERIALIZED (
    SELECT
        instance_id,
        row_number() OVER (
            ORDER BY slice_position_mm NULLS LAST, acquisition_datetime NULLS LAST,
                InstanceNumber NULLS LAST, SOPInstanceUID
        ) AS position,
        count(*) OVER () AS n
    FROM instances
    WHERE StudyInstanceUID = $study AND SeriesInstanceUID = $series
),
found AS (
    SELECT
        elements.path,
        min(elements.tag) AS tag,
        any_value(elements.keyword) AS keyword,
        any_value(elements.name) AS name,
        any_value(elements.creator) AS creator,
        any_value(elements.vr) AS vr,
        count(*) AS n_present,
        count(DISTINCT coalesce(elements.text, elements.sha256, '')) AS n_values,
        min(elements.number) AS smallest,
        max(elements.number) AS largest,
        arg_min(elements.text, members.position) AS first_text,
        arg_max(elements.text, members.position) AS last_text,
        list(elements.number ORDER BY members.position) FILTER (elements.number IS NOT NULL)
            AS numbers,
        any_value(members.n) AS n
    FROM elements
    JOIN members USING (instance_id)
    GROUP BY elements.path
)
SELECT
    coalesce(name, keyword, path) AS name,
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
FROM found
WHERE n_values > 1 OR n_present < n
ORDER BY path
