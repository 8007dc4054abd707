-- How often the most frequent values of what describes series occur: series of each value.
WITH counted AS (
    SELECT 'modality' AS facet, Modality AS value, count(*) AS series FROM series GROUP BY 2
    UNION ALL
    SELECT 'manufacturer', Manufacturer, count(*) FROM series GROUP BY 2
    UNION ALL
    SELECT 'model', ManufacturerModelName, count(*) FROM series GROUP BY 2
    UNION ALL
    SELECT 'body_part', BodyPartExamined, count(*) FROM series GROUP BY 2
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY facet ORDER BY series DESC, value NULLS LAST) AS place
    FROM counted
)
SELECT
    facet,
    place <= $most AS named,
    if(place <= $most, value, NULL) AS value,
    sum(series)::BIGINT AS series,
    count(*) AS n_values
FROM ranked
GROUP BY facet, named, if(place <= $most, value, NULL)
ORDER BY facet, named DESC, series DESC, value NULLS LAST
