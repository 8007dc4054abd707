-- When one scanner ($scanner) used which protocol, in steps of $unit (day, month or year): groups
-- with several fingerprints before others, of the most series first; $most fingerprints in all.
WITH used AS (
    SELECT
        protocol_group,
        protocol_fingerprint,
        date_trunc($unit, coalesce(acquisition_datetime_min, StudyDate))::DATE AS period,
        count(*) AS series,
        bool_or(protocol_is_majority) AS is_majority
    FROM series
    WHERE scanner_key = $scanner AND protocol_fingerprint IS NOT NULL
    GROUP BY ALL
),
lanes AS (
    SELECT
        protocol_group,
        protocol_fingerprint,
        sum(series) AS n,
        bool_or(is_majority) AS is_majority,
        count(*) OVER (PARTITION BY protocol_group) > 1 AS several,
        sum(sum(series)) OVER (PARTITION BY protocol_group) AS n_group
    FROM used
    GROUP BY protocol_group, protocol_fingerprint
),
ranked AS (
    SELECT
        *,
        row_number() OVER (
            ORDER BY several DESC, n_group DESC, protocol_group, is_majority DESC, n DESC,
                protocol_fingerprint
        ) - 1 AS lane
    FROM lanes
)
SELECT
    lane,
    protocol_group,
    left(protocol_fingerprint, 8) AS protocol_short,
    coalesce(ranked.is_majority, false) AS is_majority,
    period,
    series
FROM ranked
JOIN used USING (protocol_group, protocol_fingerprint)
WHERE lane < $most AND period IS NOT NULL
ORDER BY lane, period
