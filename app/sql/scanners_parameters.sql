-- The parameters of two protocols ($a and $b are fingerprints) of one scanner ($scanner) and group
-- ($group), those that have a value in either.
WITH told AS (
    SELECT protocol_fingerprint, unnest(parameters) AS line
    FROM protocols
    WHERE scanner_key = $scanner AND protocol_group = $group
        AND protocol_fingerprint IN ($a, $b)
),
parted AS (
    SELECT
        protocol_fingerprint,
        split_part(line, '=', 1) AS parameter,
        substr(line, strpos(line, '=') + 1) AS value
    FROM told
)
SELECT
    parameter,
    max(value) FILTER (protocol_fingerprint = $a) AS value_a,
    max(value) FILTER (protocol_fingerprint = $b) AS value_b
FROM parted
GROUP BY parameter
ORDER BY parameter
