-- When each software version of each scanner was seen, first to last.
SELECT
    scanner_key,
    nullif(array_to_string(SoftwareVersions, ', '), '') AS software,
    count(*) AS n_series,
    min(coalesce(acquisition_datetime_min, StudyDate))::TIMESTAMP AS first_seen,
    max(coalesce(acquisition_datetime_min, StudyDate))::TIMESTAMP AS last_seen
FROM series
WHERE scanner_key IS NOT NULL
GROUP BY scanner_key, software
ORDER BY scanner_key, first_seen NULLS LAST, software
