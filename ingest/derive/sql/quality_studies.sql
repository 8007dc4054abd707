-- Which series stands for each study, and what is odd about the modalities of the study.
CREATE TABLE representatives AS
SELECT
    nth,
    row_number() OVER (
        PARTITION BY study
        ORDER BY
            representative_score DESC,
            n_instances DESC,
            SeriesTime NULLS LAST,
            SeriesNumber NULLS LAST,
            SeriesInstanceUID NULLS LAST,
            nth
    ) = 1 AS is_representative
FROM quality_source JOIN quality_values USING (nth);

CREATE TABLE study_composition AS
WITH summed AS (
    SELECT
        study,
        count(*) AS n_series,
        bool_or(modality IN ('PT', 'PET', 'PET/CT')) AS has_pt,
        bool_or(modality IN ('CT', 'PET/CT')) AS has_ct,
        -- The map of a PET/MR comes from the MR.
        bool_or(modality = 'MR') AS has_mr,
        bool_or(regexp_matches(
            concat_ws(' ', StudyDescription, SeriesDescription),
            '(^|[^A-Z])(PE?T[^A-Z]*CT|CT[^A-Z]*PE?T)([^A-Z]|$)', 'i'
        )) AS says_pet_ct,
        bool_or(dose_sr_CTDIvol_max_mGy > 0 OR dose_sr_DLP_total_mGycm > 0) AS has_dose_report,
        bool_or(len(derived_kinds) > 0) AS has_derived_objects
    FROM (SELECT *, upper(trim(Modality)) AS modality FROM quality_source)
    GROUP BY study
)
SELECT
    study,
    list_filter([
        CASE WHEN has_ct AND NOT has_pt AND says_pet_ct THEN 'ct_without_pt' END,
        CASE WHEN n_series > getvariable('composition_many_series') THEN 'many_series' END,
        CASE WHEN has_pt AND NOT has_ct AND NOT has_mr THEN 'pt_without_ct' END
    ], lambda odd: odd IS NOT NULL) AS composition,
    coalesce(has_dose_report, false) AS has_dose_report,
    coalesce(has_derived_objects, false) AS has_derived_objects
FROM summed
WHERE study IS NOT NULL;
