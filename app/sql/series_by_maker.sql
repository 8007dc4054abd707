-- Series by manufacturer and modality.
SELECT
    coalesce(Manufacturer, '') AS manufacturer,
    coalesce(Modality, '') AS modality,
    count(*) AS series
FROM series
GROUP BY manufacturer, modality
ORDER BY manufacturer, modality
