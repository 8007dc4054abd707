-- Middle, spread and range of the uptake (minutes) and of the dose per weight (MBq/kg) of studies,
-- over their valid values; sd is that of a sample.
WITH valid AS MATERIALIZED (
    SELECT
        CASE WHEN uptake_status = 'ok' THEN uptake_minutes END AS uptake,
        CASE WHEN dose_status = 'ok' THEN dose_per_kg_MBq END AS dose
    FROM studies
    WHERE uptake_status = 'ok' OR dose_status = 'ok'
)
SELECT
    'uptake' AS number, count(uptake) AS n, avg(uptake) AS mean, median(uptake) AS median,
    CASE WHEN count(uptake) > 1 THEN stddev_samp(uptake) END AS sd,
    min(uptake) AS smallest, max(uptake) AS largest
FROM valid
UNION ALL
SELECT
    'dose', count(dose), avg(dose), median(dose),
    CASE WHEN count(dose) > 1 THEN stddev_samp(dose) END, min(dose), max(dose)
FROM valid
