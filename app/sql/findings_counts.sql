-- Findings by severity and, each for itself, by level, by scanner, by step of the study date ($unit
-- is day, month or year) and by the run that first had them. Those that are gone are not counted.
-- Which of these a row counts is in facet; $run is not looked at.
WITH
{findings_here},
dated AS (
    SELECT
        severity,
        level,
        Manufacturer,
        ManufacturerModelName,
        date_trunc($unit, StudyDate)::DATE AS period,
        first_run,
        since
    FROM here
)
SELECT
    CASE grouping(level, Manufacturer, period, first_run)
        WHEN 7 THEN 'level'
        WHEN 11 THEN 'scanner'
        WHEN 13 THEN 'period'
        ELSE 'run'
    END AS facet,
    severity,
    level,
    Manufacturer,
    ManufacturerModelName,
    period,
    first_run,
    count(*) AS n_findings
FROM dated
WHERE since <> 'gone'
GROUP BY GROUPING SETS (
    (severity, level), (severity, Manufacturer, ManufacturerModelName),
    (severity, period), (severity, first_run)
)
ORDER BY facet, level, Manufacturer, ManufacturerModelName, period, first_run, severity
