SELECT
    scanner_key,
    protocol_group,
    protocol_is_majority AS is_majority,
    min(Modality) AS Modality,
    min(Manufacturer) AS Manufacturer,
    min(ManufacturerModelName) AS ManufacturerModelName,
    count(*) AS n_series
FROM series
WHERE protocol_fingerprint IS NOT NULL
GROUP BY scanner_key, protocol_group, protocol_fingerprint, protocol_is_majority
