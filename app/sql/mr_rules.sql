-- Which rules decided the classes of MR series: how many rows each, which classes, how sure.
SELECT
    split_part(classReason, ':', 1) AS mr_rule,
    count(*) AS mr_rows,
    list_sort(list(DISTINCT sequenceClass)) AS mr_classes,
    min(classConfidence) AS mr_least_confidence
FROM mr_cleaned
WHERE
    {mr_chosen}
GROUP BY mr_rule
ORDER BY mr_rows DESC, mr_rule
