-- The values of each facet of the filters with their number of series, the most frequent first; a
-- value that is not stated is a dash. One reading of the table counts all facets.
SELECT
    CASE
        WHEN grouping(Modality) = 0 THEN 'modality'
        WHEN grouping(Manufacturer) = 0 THEN 'manufacturer'
        WHEN grouping(ManufacturerModelName) = 0 THEN 'model'
        WHEN grouping(BodyPartExamined) = 0 THEN 'body_part'
        WHEN grouping(PatientSex) = 0 THEN 'sex'
        ELSE 'radiopharmaceutical'
    END AS facet,
    coalesce(
        Modality, Manufacturer, ManufacturerModelName, BodyPartExamined, PatientSex,
        Radiopharmaceutical, '—'
    ) AS value,
    count(*) AS n
FROM series
GROUP BY GROUPING SETS (
    (Modality), (Manufacturer), (ManufacturerModelName), (BodyPartExamined), (PatientSex),
    (Radiopharmaceutical)
)
ORDER BY facet, n DESC, value
