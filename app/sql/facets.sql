-- The values of each facet of the filters with their number of series, the most frequent first.
SELECT 'modality' AS facet, coalesce(Modality, '—') AS value, count(*) AS n FROM series GROUP BY 2
UNION ALL
SELECT 'manufacturer', coalesce(Manufacturer, '—'), count(*) FROM series GROUP BY 2
ORDER BY facet, n DESC, value
