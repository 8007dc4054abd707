-- Studies of nuclear medicine with the values of their representative series. `classes` says in
-- which of the numbers of the page a study counts, so numbers and rows can't differ.
nuclear AS (
    SELECT
        StudyDescription,
        StudyDate,
        right(patient_key, 8) AS patient,
        Modality,
        Radiopharmaceutical,
        Manufacturer,
        concat_ws(' · ', coalesce(ManufacturerModelName, Manufacturer),
            left(scanner_key, 8)) AS scanner,
        injected_activity_MBq,
        activity_status,
        activity_unit_assumed,
        weight_kg,
        weight_status,
        dose_per_kg_MBq,
        dose_status,
        dose_robust_z,
        injection_datetime,
        injection_date_inferred,
        uptake_minutes,
        uptake_status,
        shifted_days,
        if(uptake_status = 'ok',
            uptake_minutes BETWEEN $uptake_ideal_from AND $uptake_ideal_to, NULL)
            AS ideal_uptake,
        if(dose_status = 'ok', dose_per_kg_MBq BETWEEN $dose_ideal_from AND $dose_ideal_to, NULL)
            AS ideal_dose,
        [name FOR name IN
            [
                'all',
                if(uptake_status = 'ok', 'uptake', NULL),
                if(ideal_uptake, 'uptake_ideal', NULL),
                if(dose_status = 'ok', 'dose', NULL),
                if(ideal_dose, 'dose_ideal', NULL)
            ] IF name IS NOT NULL
        ] AS classes,
        [name FOR name IN
            [
                if(uptake_status = 'negative', 'uptake_negative', NULL),
                if(uptake_status = 'too_long', 'uptake_too_long', NULL),
                if(NOT ideal_uptake, 'uptake_not_ideal', NULL),
                if(dose_status = 'implausible', 'dose_implausible', NULL),
                if(dose_outlier, 'dose_outlier', NULL),
                if(NOT ideal_dose, 'dose_not_ideal', NULL)
            ] IF name IS NOT NULL
        ] AS nuclear_reasons,
        StudyInstanceUID
    FROM studies
    WHERE is_radiopharmaceutical
)
