-- Protocols of scanners by group (radiopharmaceutical or name of the sequence): how many fingerprints
-- a group has, the share of the commonest, and how many series have another one.
WITH
{kinds_of_series}
SELECT
    kind_protocol AS protocol,
    protocol_group,
    min(Modality) AS Modality,
    min(Manufacturer) AS Manufacturer,
    min(ManufacturerModelName) AS ManufacturerModelName,
    left(scanner_key, 8) AS scanner,
    count(*) AS n_series,
    count(DISTINCT protocol_fingerprint) AS n_fingerprints,
    count(*) FILTER (NOT protocol_is_majority) AS n_other,
    round(100 * count(*) FILTER (protocol_is_majority) / count(*), 1) AS majority_percent
FROM kinds
WHERE protocol_fingerprint IS NOT NULL
GROUP BY kind_protocol, protocol_group, scanner_key
ORDER BY n_other DESC, n_series DESC, protocol
