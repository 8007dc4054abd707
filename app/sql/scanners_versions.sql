-- When each software version of each scanner was seen, first to last, by series of the years $first
-- to $last and those without a date.
SELECT
    scanner_key,
    nullif(array_to_string(SoftwareVersions, ', '), '') AS software,
    count(*) AS n_series,
    min(coalesce(acquisition_datetime_min, StudyDate))::TIMESTAMP AS first_seen,
    max(coalesce(acquisition_datetime_min, StudyDate))::TIMESTAMP AS last_seen
FROM series
WHERE scanner_key IS NOT NULL
    AND coalesce(
        year(coalesce(acquisition_datetime_min, StudyDate)) BETWEEN $first AND $last, true
    )
GROUP BY scanner_key, software
ORDER BY scanner_key, first_seen NULLS LAST, software
