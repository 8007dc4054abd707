-- Names of MR series, with how many have the name and what they were taken for, so that one decision
-- fixes many; $which: only those nobody knows (unknown), those too that are doubtful, or all.
WITH named AS (
    SELECT
        {mr_name}
            AS name,
        sequenceClass, classConfidence, standardManufacturer, StudyInstanceUID, SeriesInstanceUID,
        volume, imageType_lower
    FROM mr_cleaned
    WHERE
        {mr_chosen}
        AND (
            $which = 'all' OR sequenceClass = 'UNKNOWN'
            OR ($which = 'doubtful' AND classConfidence < 0.8)
        )
)
SELECT
    name,
    count(*) AS mr_rows,
    count(*) FILTER (sequenceClass = 'UNKNOWN') AS mr_unknown,
    count(DISTINCT StudyInstanceUID) AS n_studies,
    list_sort(list(DISTINCT sequenceClass)) AS mr_classes,
    list_sort(list(DISTINCT standardManufacturer)) AS mr_vendors,
    min(classConfidence) AS mr_least_confidence,
    min(imageType_lower) AS imageType_lower,
    arg_min(StudyInstanceUID, SeriesInstanceUID) AS StudyInstanceUID,
    min(SeriesInstanceUID) AS SeriesInstanceUID
FROM named
GROUP BY name
