-- Protocols of scanners by group (radiopharmaceutical or name of the sequence): how many fingerprints
-- a group has, the share of the commonest, and how many series have another one.
WITH grouped AS (
    SELECT
        scanner_key,
        protocol_group,
        min(Modality) AS Modality,
        min(Manufacturer) AS Manufacturer,
        min(ManufacturerModelName) AS ManufacturerModelName,
        left(scanner_key, 8) AS scanner,
        count(*) AS n_series,
        count(DISTINCT protocol_fingerprint) AS n_fingerprints,
        count(*) FILTER (NOT protocol_is_majority) AS n_other,
        round(100 * count(*) FILTER (protocol_is_majority) / count(*), 1) AS majority_percent
    FROM series
    WHERE protocol_fingerprint IS NOT NULL
    GROUP BY scanner_key, protocol_group
)
SELECT
    concat_ws(' · ', coalesce(scanner_key, '—'), coalesce(protocol_group, '—')) AS protocol,
    * EXCLUDE (scanner_key)
FROM grouped
ORDER BY n_other DESC, n_series DESC, protocol
