-- Uptake and dose per weight of studies, in all, by radiopharmaceutical and by scanner: numbers,
-- mean, median, standard deviation, range, and how many are ideal. The parameters are the ranges.
WITH
{nuclear_measured}
SELECT
    measure,
    CASE
        WHEN grouping(radiopharmaceutical) = 0 THEN 'radiopharmaceutical'
        WHEN grouping(scanner) = 0 THEN 'scanner'
        ELSE 'all'
    END AS level,
    coalesce(radiopharmaceutical, scanner) AS named,
    count(value) AS n,
    avg(value) AS mean,
    median(value) AS median,
    stddev_samp(value) AS sd,
    min(value) AS smallest,
    max(value) AS largest,
    count(*) FILTER (is_ideal) AS n_ideal,
    count(*) FILTER (is_ideal) / count(value) / 0.01 AS percent_ideal
FROM measured
GROUP BY GROUPING SETS ((measure), (measure, radiopharmaceutical), (measure, scanner))
ORDER BY measure, level, n DESC, named NULLS LAST
