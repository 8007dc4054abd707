-- Uptake and dose per weight of studies by date and scanner: median and quartiles of each step
-- ($unit is day, month or year); scanners after the $most most frequent together, without a name.
-- The other parameters are the ideal ranges.
WITH
{nuclear_measured},
ranked AS (
    SELECT scanner, row_number() OVER (ORDER BY count(*) DESC, scanner NULLS LAST) AS place
    FROM measured
    GROUP BY scanner
)
SELECT
    measure,
    date_trunc($unit, StudyDate)::DATE AS period,
    place <= $most AS is_named,
    if(place <= $most, measured.scanner, NULL) AS named,
    min(place) AS place,
    count(value) AS n,
    quantile_cont(value, 0.25) AS lower_quartile,
    median(value) AS median,
    quantile_cont(value, 0.75) AS upper_quartile
FROM measured
JOIN ranked ON ranked.scanner IS NOT DISTINCT FROM measured.scanner
WHERE StudyDate IS NOT NULL
GROUP BY measure, period, is_named, if(place <= $most, measured.scanner, NULL)
ORDER BY measure, place, period
