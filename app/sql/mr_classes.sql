-- In how many studies each class of MR series is.
SELECT sequenceClass, count(DISTINCT StudyInstanceUID) AS n_studies, count(*) AS mr_rows
FROM mr_cleaned
GROUP BY sequenceClass
ORDER BY n_studies DESC, sequenceClass
