-- Series of one scanner ($scanner) whose protocol differs from the commonest one of scanner and
-- group by more than the tolerances of its parameters, and what differs: commonest → here.
WITH own AS (
    SELECT * FROM protocols WHERE scanner_key = $scanner
),
parted AS (
    SELECT
        protocol_group,
        protocol_fingerprint,
        is_majority,
        differs,
        name,
        -- Numbers without exponent; a hash by its start, like a fingerprint, long lists by theirs.
        CASE
            WHEN regexp_full_match(value, '-?[0-9.]+e[+][0-9]+')
                THEN printf('%.10g', CAST(value AS DOUBLE))
            WHEN regexp_full_match(value, '[0-9a-f]{64}') THEN left(value, 8)
            WHEN length(value) > 60 THEN concat(left(value, 59), '…')
            ELSE value
        END AS value
    FROM (
        SELECT
            *,
            split_part(line, '=', 1) AS name,
            substr(line, strpos(line, '=') + 1) AS value
        FROM (SELECT *, unnest(parameters) AS line FROM own)
    )
),
common AS (
    SELECT protocol_group, name, value FROM parted WHERE is_majority
),
wanted AS (
    SELECT protocol_group, protocol_fingerprint, unnest(differs) AS name
    FROM own
    WHERE NOT is_majority
),
differing AS (
    SELECT
        w.protocol_group,
        w.protocol_fingerprint,
        list(
            concat(
                regexp_replace(w.name, '_values$', ''), ': ', coalesce(c.value, '–'), ' → ', coalesce(h.value, '–'),
                coalesce(
                    ' ' ||
                    {protocol_unit}
                , '')
            )
            ORDER BY w.name
        ) AS differences
    FROM wanted AS w
    LEFT JOIN common AS c USING (protocol_group, name)
    LEFT JOIN parted AS h USING (protocol_group, protocol_fingerprint, name)
    GROUP BY ALL
)
SELECT
    SeriesDescription,
    differences,
    StudyDate,
    protocol_group,
    left(protocol_fingerprint, 8) AS protocol_short,
    len(differences) AS n_differs,
    StudyDescription,
    SeriesNumber,
    SoftwareVersions,
    acquisition_datetime_min,
    protocol_fingerprint,
    StudyInstanceUID,
    SeriesInstanceUID
FROM series
JOIN differing USING (protocol_group, protocol_fingerprint)
WHERE scanner_key = $scanner
