-- A row for every patient, made of the studies with one patient_key.
CREATE TABLE patients AS
SELECT
    {constants},
    count(*) AS n_studies,
    sum(n_series) AS n_series,
    sum(n_instances) AS n_instances,
    nullif(list_sort(list_distinct(flatten(list(Modalities)))), []) AS Modalities,
    min(StudyDate) AS StudyDate_min,
    max(StudyDate) AS StudyDate_max
FROM studies AS s
GROUP BY s.patient_key;
