-- How many rows of MR series there are of each class, orientation, fat suppression, contrast, field
-- and vendor: axis, value, n. One reading of the table counts all of them.
SELECT
    CASE
        WHEN grouping(sequenceClass) = 0 THEN 'class'
        WHEN grouping(standardOrientation) = 0 THEN 'orientation'
        WHEN grouping(isFatSuppressed) = 0 THEN 'fat'
        WHEN grouping(isContrastEnhanced) = 0 THEN 'contrast'
        WHEN grouping(standardFieldStrength) = 0 THEN 'field'
        ELSE 'vendor'
    END AS axis,
    coalesce(
        sequenceClass, standardOrientation, isFatSuppressed::VARCHAR, isContrastEnhanced::VARCHAR,
        standardFieldStrength, standardManufacturer, '—'
    ) AS value,
    count(*) AS n
FROM mr_cleaned
WHERE
    {mr_chosen}
GROUP BY GROUPING SETS (
    (sequenceClass), (standardOrientation), (isFatSuppressed), (isContrastEnhanced),
    (standardFieldStrength), (standardManufacturer)
)
ORDER BY axis, n DESC, value
