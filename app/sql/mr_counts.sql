-- How many rows of MR series there are of each class, orientation, fat suppression, contrast, field
-- and vendor: axis, value, n.
WITH told AS (
    SELECT
        coalesce(sequenceClass, '—') AS class,
        coalesce(standardOrientation, '—') AS orientation,
        coalesce(CAST(isFatSuppressed AS VARCHAR), '—') AS fat,
        coalesce(CAST(isContrastEnhanced AS VARCHAR), '—') AS contrast,
        coalesce(standardFieldStrength, '—') AS field,
        coalesce(standardManufacturer, '—') AS vendor,
        count(*) AS n
    FROM mr_cleaned
    WHERE
        {mr_chosen}
    GROUP BY ALL
)
SELECT
    CASE
        WHEN grouping(class) = 0 THEN 'class'
        WHEN grouping(orientation) = 0 THEN 'orientation'
        WHEN grouping(fat) = 0 THEN 'fat'
        WHEN grouping(contrast) = 0 THEN 'contrast'
        WHEN grouping(field) = 0 THEN 'field'
        ELSE 'vendor'
    END AS axis,
    coalesce(class, orientation, fat, contrast, field, vendor) AS value,
    sum(n)::BIGINT AS n
FROM told
GROUP BY GROUPING SETS ((class), (orientation), (fat), (contrast), (field), (vendor))
ORDER BY axis, n DESC, value
