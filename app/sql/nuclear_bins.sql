-- Studies by uptake in steps of 5 minutes and by dose per weight in steps of 0.1 MBq/kg, in all, by
-- radiopharmaceutical and by scanner; step 0 starts at 0, step 60 holds all from there on. The
-- parameters are the ideal ranges.
WITH
{nuclear_measured},
-- By 10, not by 0.1: so the steps are those of the filter that a bar sets (0.3 / 0.1 is below 3).
stepped AS (
    SELECT
        measure,
        radiopharmaceutical,
        scanner,
        least(if(measure = 'uptake', floor(value / 5), floor(value * 10)), 60)::BIGINT AS step
    FROM measured
)
SELECT
    measure,
    CASE
        WHEN grouping(radiopharmaceutical) = 0 THEN 'radiopharmaceutical'
        WHEN grouping(scanner) = 0 THEN 'scanner'
        ELSE 'all'
    END AS level,
    coalesce(radiopharmaceutical, scanner) AS named,
    step,
    count() AS n
FROM stepped
GROUP BY GROUPING SETS (
    (measure, step), (measure, step, radiopharmaceutical), (measure, step, scanner)
)
ORDER BY measure, level, named NULLS LAST, step
