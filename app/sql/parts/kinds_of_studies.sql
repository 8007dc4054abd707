kinds AS NOT MATERIALIZED (
    SELECT
        *,
        coalesce(Modality, '—') AS kind_modality,
        coalesce(Manufacturer, '—') AS kind_manufacturer,
        CASE WHEN is_radiopharmaceutical THEN coalesce(Radiopharmaceutical, '—') END
            AS kind_radiopharmaceutical,
        coalesce(PatientSex, '—') AS kind_sex,
        coalesce(age_bucket, '—') AS kind_age,
        coalesce(CAST(hour(StudyTime) AS VARCHAR), '—') AS kind_hour,
        coalesce(left(CAST(StudyDate AS VARCHAR), 4), '—') AS kind_year,
        coalesce(left(CAST(StudyDate AS VARCHAR), 7), '—') AS kind_month,
        coalesce(CAST(StudyDate AS VARCHAR), '—') AS kind_day,
        CASE WHEN qa_score_max > 0 THEN concat(Modality, ' ', qa_score, '/', qa_score_max) END
            AS kind_score,
        coalesce(PatientIdentityRemoved, '—') AS kind_identity,
        coalesce(LongitudinalTemporalInformationModified, '—') AS kind_dates,
        coalesce(DeidentificationMethodCode, '—') AS kind_method
    FROM studies
)
