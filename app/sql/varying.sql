-- What varies within one series ($study, $series), and how: elements that do not have the same value
-- in all of its instances, with their values in slice order.
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
headers_used AS MATERIALIZED (
    SELECT header_id, count(*) AS instances, any_value(n) AS n FROM members GROUP BY header_id
),
-- Keys are numbered like instances: the number of their part times 2^32, and so on.
keys AS MATERIALIZED (
    SELECT *
    FROM element_keys
    WHERE key_id >> 32 IN (
        SELECT instance_id >> 32 FROM members UNION SELECT header_id >> 32 FROM members)
),
-- What is the same in all instances of a header is stored once, and is looked at instance by
-- instance only where another header of the series says something else, or nothing.
uneven AS MATERIALIZED (
    SELECT path
    FROM header_elements
    JOIN headers_used USING (header_id)
    JOIN keys USING (key_id)
    WHERE (SELECT count(*) FROM headers_used) > 1
    GROUP BY path
    HAVING sum(instances) < any_value(n) OR count(DISTINCT coalesce(text, sha256, '')) > 1
),
found AS MATERIALIZED (
    SELECT path, position, vr, number, text, coalesce(text, sha256, '') AS value
    FROM instance_elements
    JOIN members USING (instance_id)
    JOIN keys USING (key_id)
    UNION ALL
    SELECT path, position, vr, number, text, coalesce(text, sha256, '') AS value
    FROM header_elements
    JOIN members USING (header_id)
    JOIN keys USING (key_id)
    WHERE path IN (SELECT path FROM uneven)
),
summary AS MATERIALIZED (
    SELECT
        path,
        count(*) AS n_present,
        count(DISTINCT value) AS n_values,
        count(*) FILTER (number IS NOT NULL) AS n_numbers,
        arg_min(text, position) AS first_text,
        arg_max(text, position) AS last_text,
        (SELECT count(*) FROM members) AS n
    FROM found
    GROUP BY path
    HAVING n_values > 1 OR n_present < n
),
-- Numbers one by one: of several values in an element that which varies most is shown. Times of day
-- count as seconds.
numbers AS (
    SELECT path, position, 1 AS part, number
    FROM found
    WHERE number IS NOT NULL AND NOT contains(value, '\')
    UNION ALL
    SELECT path, position, part, TRY_CAST(string_split(value, '\')[part] AS DOUBLE)
    FROM found, range(1, 10) AS parts(part)
    WHERE number IS NOT NULL AND contains(value, '\') AND part <= len(string_split(value, '\'))
    UNION ALL
    SELECT path, position, 0 AS part, 3600 * TRY_CAST(value[1:2] AS INTEGER)
        + 60 * TRY_CAST(value[3:4] AS INTEGER) + coalesce(TRY_CAST(value[5:] AS DOUBLE), 0)
    FROM found
    WHERE vr = 'TM' AND value[5:] NOT LIKE '%\%'
),
ranges AS (
    SELECT
        path,
        part,
        min(number) AS smallest,
        max(number) AS largest,
        list(number ORDER BY position) AS numbers
    FROM numbers
    WHERE number IS NOT NULL
    GROUP BY path, part
    QUALIFY row_number() OVER (PARTITION BY path ORDER BY largest - smallest DESC, part) = 1
),
-- Words that take turns: each is as high in its strip as its place in the alphabet.
words AS (
    SELECT
        path,
        list_transform(list(value ORDER BY position),
            lambda x: list_position(list_sort(list_distinct(list(value))), x)) AS numbers
    FROM found
    WHERE path IN (SELECT path FROM summary WHERE n_numbers = 0 AND n_values BETWEEN 2 AND 12)
    GROUP BY path
),
strips AS (
    SELECT
        summary.*,
        ranges.part,
        ranges.smallest,
        ranges.largest,
        coalesce(ranges.numbers, words.numbers) AS strip,
        list_sort(ranges.numbers) = ranges.numbers AS rises,
        list_reverse_sort(ranges.numbers) = ranges.numbers AS falls
    FROM summary
    LEFT JOIN ranges USING (path)
    LEFT JOIN words USING (path)
)
SELECT
    names.name || CASE WHEN part > 0 AND contains(first_text, '\') THEN ' [' || part || ']'
        ELSE '' END AS name,
    CASE
        WHEN n_values = 1 THEN 'sometimes'
        WHEN smallest < largest AND (rises OR falls) AND n_values = n_present
            AND abs((largest - smallest) / (n_present - 1) - (strip[2] - strip[1]) *
                CASE WHEN rises THEN 1 ELSE -1 END) < 1e-3 * (largest - smallest) THEN 'counts'
        WHEN smallest < largest AND rises THEN 'rises'
        WHEN smallest < largest AND falls THEN 'falls'
        WHEN n_values = n_present AND n_values > 2 THEN 'unique'
        WHEN n_values <= 12 THEN 'few'
        ELSE 'irregular'
    END AS how,
    concat('(', tag[1:4], ',', tag[5:8], ')') AS tag,
    n_values,
    -- at most 200 points: a picture, not data
    CASE WHEN strip IS NOT NULL AND (smallest < largest OR smallest IS NULL) THEN
        list_transform(range(least(len(strip), 200)),
            lambda x: strip[1 + x * len(strip) // least(len(strip), 200)])
    END AS strip,
    first_text,
    last_text,
    CASE WHEN part > 0 AND smallest < largest THEN smallest END AS smallest,
    CASE WHEN part > 0 AND smallest < largest THEN largest END AS largest,
    n_present,
    creator,
    vr,
    private_class,
    keyword,
    path
FROM strips
JOIN (
    SELECT
        path,
        any_value(tag) AS tag,
        coalesce(any_value(name), any_value(keyword), path) AS name,
        any_value(creator) AS creator,
        any_value(vr) AS vr,
        any_value(private_class) AS private_class,
        any_value(keyword) AS keyword
    FROM keys
    GROUP BY path
) AS names USING (path)
ORDER BY path
