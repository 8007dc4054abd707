-- Studies with dynamic groups of MR series: how many groups and phases each has.
SELECT
    min(StudyDescription) AS StudyDescription,
    min(StudyDate) AS StudyDate,
    min(concat_ws(' ', standardManufacturer, cleanedModelName)) AS mr_scanner,
    count(DISTINCT dynamicGroup) AS mr_groups,
    count(*) AS mr_phases,
    list_sort(list(DISTINCT sequenceClass)) AS mr_classes,
    StudyInstanceUID
FROM mr_cleaned
WHERE dynamicGroup IS NOT NULL
GROUP BY StudyInstanceUID
