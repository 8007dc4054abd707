-- Studies by a number of their representative series: $number is uptake (minutes, steps of 5) or dose
-- (MBq/kg, steps of 0.1). Only valid values; the last step holds what is beyond 60 steps.
WITH valid AS (
    SELECT
        if($number = 'uptake', floor(uptake_minutes / 5), floor(dose_per_kg_MBq * 10)) AS step
    FROM studies
    WHERE if($number = 'uptake', uptake_status, dose_status) = 'ok'
)
SELECT least(step, 60)::BIGINT AS step, count(*) AS n
FROM valid
GROUP BY 1
ORDER BY 1
