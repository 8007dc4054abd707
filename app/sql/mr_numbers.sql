-- How many MR series there are, with their kinds of volume, of how many studies; how many nobody
-- knows, are doubtful (a confidence below 0.8), were corrected by hand, or are of a dynamic group.
SELECT
    count(*) FILTER (volume = 1) AS mr_series,
    count(*) AS mr_kinds,
    approx_count_distinct(StudyInstanceUID) AS about_studies,
    count(*) FILTER (sequenceClass = 'UNKNOWN') AS mr_unknown,
    count(*) FILTER (sequenceClass <> 'UNKNOWN' AND classConfidence < 0.8) AS mr_doubtful,
    count(*) FILTER (corrected_when IS NOT NULL) AS mr_corrected,
    count(*) FILTER (dynamicGroup IS NOT NULL) AS mr_dynamic,
    count(*) FILTER (bids_suffix IS NOT NULL) AS mr_bids
FROM mr_cleaned
WHERE
    {mr_chosen}
