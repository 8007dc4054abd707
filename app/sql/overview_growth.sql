-- Studies by the date they were made, step by step and summed up; $unit is day, month or year.
WITH stepped AS (
    SELECT date_trunc($unit, StudyDate)::DATE AS period, count(*) AS studies
    FROM studies
    WHERE StudyDate IS NOT NULL
    GROUP BY period
)
SELECT period, studies, sum(studies) OVER (ORDER BY period)::BIGINT AS so_far
FROM stepped
ORDER BY period
