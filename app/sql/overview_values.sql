-- How often the most frequent values of what describes series occur: series of each value. One
-- reading of the table counts them all.
WITH counted AS (
    SELECT
        CASE
            WHEN grouping(Modality) = 0 THEN 'modality'
            WHEN grouping(Manufacturer) = 0 THEN 'manufacturer'
            WHEN grouping(ManufacturerModelName) = 0 THEN 'model'
            ELSE 'body_part'
        END AS facet,
        coalesce(Modality, Manufacturer, ManufacturerModelName, BodyPartExamined) AS value,
        count(*) AS n
    FROM series
    GROUP BY GROUPING SETS (
        (Modality), (Manufacturer), (ManufacturerModelName), (BodyPartExamined)
    )
),
ranked AS (
    SELECT
        facet, value, n,
        row_number() OVER (PARTITION BY facet ORDER BY n DESC, value NULLS LAST) AS place
    FROM counted
)
SELECT
    facet,
    place <= $most AS named,
    if(place <= $most, value, NULL) AS value,
    sum(n)::BIGINT AS series,
    count(*) AS n_values
FROM ranked
GROUP BY facet, named, if(place <= $most, value, NULL)
ORDER BY facet, named DESC, series DESC, value NULLS LAST
