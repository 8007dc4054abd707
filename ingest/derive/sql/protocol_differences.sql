-- Protocols, with the parameters in which each differs from the majority of its scanner and group
-- beyond the tolerance; one that only one of the two has differs.
CREATE TABLE protocols AS
WITH pairs AS (
    SELECT
        p.scanner_key, p.protocol_group, p.protocol_fingerprint,
        upper(trim(p.Modality)) AS modality,
        list_filter(p.parameters, lambda line: NOT list_contains(m.parameters, line)) AS own,
        list_filter(m.parameters, lambda line: NOT list_contains(p.parameters, line)) AS usual
    FROM protocol_counts AS p
    JOIN protocol_counts AS m USING (scanner_key, protocol_group)
    WHERE NOT p.is_majority AND m.is_majority
),
told AS (
    SELECT * EXCLUDE (own, usual), true AS is_own, unnest(own) AS line FROM pairs
    UNION ALL
    SELECT * EXCLUDE (own, usual), false, unnest(usual) FROM pairs
),
compared AS (
    SELECT
        scanner_key, protocol_group, protocol_fingerprint, modality,
        split_part(line, '=', 1) AS parameter,
        string_split(min(substr(line, strpos(line, '=') + 1)) FILTER (is_own), '\') AS own,
        string_split(min(substr(line, strpos(line, '=') + 1)) FILTER (NOT is_own), '\') AS usual
    FROM told
    GROUP BY ALL
),
differing AS (
    SELECT
        scanner_key, protocol_group, protocol_fingerprint,
        list(parameter ORDER BY parameter) AS differs
    FROM compared LEFT JOIN tolerances USING (modality, parameter)
    WHERE NOT coalesce(within(own, usual, absolute, relative), false)
    GROUP BY ALL
)
SELECT c.*, coalesce(d.differs, []) AS differs
FROM protocol_counts AS c
LEFT JOIN differing AS d USING (scanner_key, protocol_group, protocol_fingerprint);
