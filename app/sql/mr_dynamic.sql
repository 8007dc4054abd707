-- Studies with dynamic groups of MR series that are as chosen: how many groups and phases each has.
SELECT
    min(StudyDescription) AS StudyDescription,
    min(StudyDate) AS StudyDate,
    min(concat_ws(' ', standardManufacturer, cleanedModelName)) AS mr_scanner,
    count(DISTINCT dynamicGroup) AS mr_groups,
    sum(greatest(coalesce(n_phases, 1), 1))::BIGINT AS mr_phases,
    list_sort(list(DISTINCT sequenceClass)) AS mr_classes,
    StudyInstanceUID
FROM mr_cleaned
WHERE
    dynamicGroup IS NOT NULL
    AND
    {mr_chosen}
GROUP BY StudyInstanceUID
