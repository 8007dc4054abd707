-- A row for every scanner, group of series and fingerprint: how often it is used, since when, and
-- whether it is the commonest one of its scanner and group.
CREATE TABLE protocol_counts AS
WITH told AS (
    SELECT
        *,
        coalesce(acquisition_datetime_min, CAST(StudyDate AS TIMESTAMP)) AS seen,
        {
            'seen': coalesce(seen, 'infinity'::TIMESTAMP),
            'series': coalesce(SeriesInstanceUID, ''),
            'study': coalesce(StudyInstanceUID, '')
        } AS example
    FROM (
        SELECT
            StudyInstanceUID, SeriesInstanceUID, scanner_key, protocol_group, protocol_fingerprint,
            Modality, Manufacturer, ManufacturerModelName, SoftwareVersions, StudyDate,
            acquisition_datetime_min
        FROM series
        WHERE scanner_key IS NOT NULL AND protocol_fingerprint IS NOT NULL
    )
),
counted AS (
    SELECT
        scanner_key,
        protocol_group,
        protocol_fingerprint,
        min(Modality) AS Modality,
        min(Manufacturer) AS Manufacturer,
        min(ManufacturerModelName) AS ManufacturerModelName,
        ascending(backslashed(SoftwareVersions)) AS SoftwareVersions,
        count(*) AS n_series,
        count(DISTINCT StudyInstanceUID) AS n_studies,
        min(seen) AS first_seen,
        max(seen) AS last_seen,
        min(example) AS example
    FROM told
    GROUP BY scanner_key, protocol_group, protocol_fingerprint
)
SELECT
    * EXCLUDE (example),
    n_series / sum(n_series) OVER (PARTITION BY scanner_key, protocol_group) AS share,
    row_number() OVER (
        PARTITION BY scanner_key, protocol_group
        ORDER BY n_series DESC, first_seen NULLS LAST, protocol_fingerprint
    ) = 1 AS is_majority,
    nullif(example.study, '') AS example_StudyInstanceUID,
    nullif(example.series, '') AS example_SeriesInstanceUID,
    parameters
FROM counted
LEFT JOIN (
    -- Two chunks may have found the same one at the same moment.
    SELECT protocol_fingerprint, any_value(parameters) AS parameters
    FROM fingerprints
    GROUP BY protocol_fingerprint
) USING (protocol_fingerprint);
