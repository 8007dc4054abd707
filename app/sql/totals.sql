-- How much there is: patients, studies, series, instances, size of the files, and the range of
-- study dates.
SELECT
    count(DISTINCT coalesce(patient_key, '')) AS patients,
    count(DISTINCT study_row) AS studies,
    {totals_of_series}
FROM series
