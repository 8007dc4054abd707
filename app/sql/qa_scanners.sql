-- Scanners by manufacturer, model and software: how much they made, how many protocols they were
-- used with, and when they were seen. What they have in common is read of one study of each: a list
-- of a million series takes a quarter of the time of all.
WITH counted AS (
    SELECT
        equipment,
        min(study_row) AS study_row,
        count(*) AS n_series,
        count(DISTINCT nullif(study_row, 0)) AS n_studies,
        count(DISTINCT protocol_fingerprint) AS n_fingerprints,
        min(coalesce(acquisition_datetime_min, StudyDate))::DATE AS first_seen,
        max(coalesce(acquisition_datetime_min, StudyDate))::DATE AS last_seen
    FROM series
    GROUP BY equipment
),
named AS (
    SELECT
        equipment,
        min(Manufacturer) AS Manufacturer,
        min(ManufacturerModelName) AS ManufacturerModelName,
        min(SoftwareVersions) AS SoftwareVersions
    FROM memory.main.series
    WHERE study_row IN (SELECT study_row FROM counted)
    GROUP BY equipment
)
SELECT
    equipment AS scanner,
    Manufacturer,
    ManufacturerModelName,
    SoftwareVersions,
    n_series,
    n_studies,
    n_fingerprints,
    first_seen,
    last_seen
FROM counted LEFT JOIN named USING (equipment)
ORDER BY n_series DESC, scanner
