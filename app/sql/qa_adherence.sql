-- How many studies keep to the ideal uptake and dose, of those with valid values, by modality and by
-- radiopharmaceutical of the representative series.
WITH
{kinds_of_studies}
SELECT
    if(grouping(kind_modality) = 0, 'modality', 'radiopharmaceutical') AS kind,
    coalesce(kind_modality, kind_radiopharmaceutical) AS value,
    count(*) AS n_studies,
    count(*) FILTER (uptake_status = 'ok') AS n_uptake,
    count(*) FILTER (
        uptake_status = 'ok' AND uptake_minutes BETWEEN $uptake_ideal_from AND $uptake_ideal_to
    ) AS uptake_ideal,
    median(uptake_minutes) FILTER (uptake_status = 'ok') AS uptake_median,
    count(*) FILTER (dose_status = 'ok') AS n_dose,
    count(*) FILTER (
        dose_status = 'ok' AND dose_per_kg_MBq BETWEEN $dose_ideal_from AND $dose_ideal_to
    ) AS dose_ideal,
    median(dose_per_kg_MBq) FILTER (dose_status = 'ok') AS dose_median
FROM kinds
WHERE is_radiopharmaceutical
GROUP BY GROUPING SETS ((kind_modality), (kind_radiopharmaceutical))
ORDER BY kind, n_studies DESC, value
