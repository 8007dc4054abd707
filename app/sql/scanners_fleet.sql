-- The scanners that made these series, those of the most series first; studies, protocols and
-- deviating series (beyond tolerance, see scanners_deviating) are counted for each.
WITH kinds AS MATERIALIZED (
    SELECT
        scanner_key,
        Manufacturer,
        ManufacturerModelName,
        Modality,
        array_to_string(SoftwareVersions, ', ') AS software,
        protocol_group,
        protocol_fingerprint,
        count(*) AS n,
        min(SeriesInstanceUID) AS example,
        min(coalesce(acquisition_datetime_min, StudyDate)) AS first_seen,
        max(coalesce(acquisition_datetime_min, StudyDate)) AS last_seen
    FROM series
    WHERE scanner_key IS NOT NULL
    GROUP BY ALL
),
-- Apart from the kinds, of which a study has many: distinct pairs first are a third of the work.
sessions AS (
    SELECT scanner_key, count(*) AS n_studies
    FROM (
        SELECT DISTINCT scanner_key, StudyInstanceUID FROM series WHERE scanner_key IS NOT NULL
    )
    GROUP BY scanner_key
),
fleet AS (
    SELECT
        scanner_key,
        min(k.Manufacturer) AS Manufacturer,
        min(k.ManufacturerModelName) AS ManufacturerModelName,
        list_sort(list(DISTINCT k.Modality) FILTER (k.Modality IS NOT NULL)) AS Modalities,
        list_sort(list(DISTINCT software) FILTER (software <> '')) AS software,
        sum(n)::BIGINT AS n_series,
        count(DISTINCT (protocol_group, protocol_fingerprint))
            FILTER (protocol_fingerprint IS NOT NULL) AS n_protocols,
        coalesce(sum(n) FILTER (NOT p.is_majority AND len(p.differs) > 0), 0)::BIGINT
            AS n_deviating,
        min(k.first_seen)::DATE AS first_seen,
        max(k.last_seen)::DATE AS last_seen,
        min(example) AS example
    FROM kinds AS k
    LEFT JOIN protocols AS p USING (scanner_key, protocol_group, protocol_fingerprint)
    GROUP BY scanner_key
)
SELECT
    concat_ws(' · ', coalesce(ManufacturerModelName, Manufacturer), left(scanner_key, 8))
        AS scanner,
    Manufacturer,
    ManufacturerModelName,
    Modalities,
    n_series,
    n_studies,
    n_protocols,
    n_deviating,
    first_seen,
    last_seen,
    software,
    scanner_key,
    example AS example_SeriesInstanceUID
FROM fleet
JOIN sessions USING (scanner_key)
ORDER BY n_series DESC, scanner_key
