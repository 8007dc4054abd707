-- Series by slice thickness in steps of half a millimetre, and by modality; above 10 mm together.
SELECT
    least(floor(SliceThickness * 2), 20) / 2 AS thickness_mm,
    coalesce(Modality, '') AS modality,
    count(*) AS series
FROM series
WHERE SliceThickness >= 0 AND isfinite(SliceThickness)
GROUP BY ALL
ORDER BY ALL
