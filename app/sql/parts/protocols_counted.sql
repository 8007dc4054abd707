-- Groups of protocols of scanners: how many fingerprints a group has, the share of the commonest, and
-- how many series have another one. ``counted`` has a row for each fingerprint of a group.
grouped AS (
    SELECT
        scanner_key,
        protocol_group,
        min(Modality) AS Modality,
        min(Manufacturer) AS Manufacturer,
        min(ManufacturerModelName) AS ManufacturerModelName,
        left(scanner_key, 8) AS scanner,
        sum(n_series)::BIGINT AS n_series,
        count(*) AS n_fingerprints,
        coalesce(sum(n_series) FILTER (NOT is_majority), 0)::BIGINT AS n_other,
        round(100 * coalesce(sum(n_series) FILTER (is_majority), 0)::BIGINT / sum(n_series)::BIGINT, 1)
            AS majority_percent
    FROM counted
    GROUP BY scanner_key, protocol_group
)
SELECT
    concat_ws(' · ', coalesce(scanner_key, '—'), coalesce(protocol_group, '—')) AS protocol,
    * EXCLUDE (scanner_key)
FROM grouped
ORDER BY n_other DESC, n_series DESC, protocol
