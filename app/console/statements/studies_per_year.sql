SELECT year(StudyDate) AS year, count(*) AS studies, count(DISTINCT patient_key) AS patients
FROM studies
WHERE StudyDate IS NOT NULL
GROUP BY ALL
ORDER BY year
