-- Series by study date and modality; $unit is the step of time: day, month or year.
SELECT
    date_trunc($unit, StudyDate)::DATE AS period,
    coalesce(Modality, '') AS modality,
    count(*) AS series
FROM series
WHERE StudyDate IS NOT NULL
GROUP BY period, modality
ORDER BY period, modality
