-- Scanners by manufacturer, model and software: how much they made, how many protocols they were
-- used with, and when they were seen.
WITH
{kinds_of_series}
SELECT
    kind_scanner AS scanner,
    min(Manufacturer) AS Manufacturer,
    min(ManufacturerModelName) AS ManufacturerModelName,
    any_value(SoftwareVersions) AS SoftwareVersions,
    count(*) AS n_series,
    count(DISTINCT nullif(study_row, 0)) AS n_studies,
    count(DISTINCT protocol_fingerprint) AS n_fingerprints,
    min(coalesce(acquisition_datetime_min, StudyDate))::DATE AS first_seen,
    max(coalesce(acquisition_datetime_min, StudyDate))::DATE AS last_seen
FROM kinds
GROUP BY kind_scanner
ORDER BY n_series DESC, scanner
