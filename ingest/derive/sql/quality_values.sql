-- Doses, times, ages: what follows from a series and from the weights of its study. Formulas and
-- sources are told in ingest/schema/quality.py; what is read here is finite already.

-- An offset from UTC as DICOM writes it, +HHMM or -HHMM, in minutes (PS3.3 C.12.1.1.8).
CREATE MACRO offset_minutes(told) AS CASE
    WHEN regexp_full_match(told, '[+-][0-9]{2}[0-5][0-9]')
    THEN CAST(told[1] || '1' AS BIGINT) * (CAST(told[2:3] AS BIGINT) * 60 + CAST(told[4:5] AS BIGINT))
END;

-- The weight of a study: the one that most of its series have, of several the smallest.
CREATE TABLE study_weights AS
SELECT study, arg_max(weight, {n: n, least: -weight}) AS weight
FROM (
    SELECT study, PatientWeight AS weight, count(*) AS n
    FROM quality_source
    WHERE study IS NOT NULL AND PatientWeight > 0
    GROUP BY study, PatientWeight
)
GROUP BY study;

CREATE TABLE quality_values AS
WITH zones AS (
    -- Times without an offset of their own are in that of the data set. Where nothing is known of
    -- one clock, both are taken for the same.
    SELECT
        *,
        coalesce(upper(trim(Modality)) IN (
            'PT', 'NM', 'PET', 'SPECT', 'PET/CT', 'SPECT/CT', 'NM/CT'
        ), false) AS is_radiopharmaceutical,
        offset_minutes(trim(TimezoneOffsetFromUTC)) AS of_set
    FROM quality_source
),
clocks AS (
    SELECT
        *,
        to_minutes(coalesce(AcquisitionDateTime_offset_minutes - of_set, 0)) AS clock,
        to_minutes(coalesce(
            coalesce(AcquisitionDateTime_offset_minutes, of_set)
                - coalesce(RadiopharmaceuticalStartDateTime_offset_minutes, of_set),
            0
        )) AS injection_clock
    FROM zones
),
days AS (
    SELECT
        *,
        acquisition_datetime_min - clock AS acquisition_of_set,
        coalesce(CAST(acquisition_datetime_min - clock AS DATE), AcquisitionDate_min, StudyDate)
            + RadiopharmaceuticalStartTime AS same_day
    FROM clocks
),
injections AS (
    SELECT
        *,
        RadiopharmaceuticalStartDateTime IS NULL AND same_day > acquisition_of_set AS is_day_before,
        CASE
            WHEN NOT is_radiopharmaceutical THEN NULL
            WHEN RadiopharmaceuticalStartDateTime IS NOT NULL
            THEN RadiopharmaceuticalStartDateTime + injection_clock
            WHEN same_day > acquisition_of_set THEN same_day + clock - to_days(1)
            ELSE same_day + clock
        END AS injection_datetime
    FROM days
),
weighed AS (
    SELECT
        i.*,
        minutes(injection_datetime, acquisition_datetime_min) AS uptake_minutes,
        CASE WHEN is_radiopharmaceutical AND RadionuclideTotalDose > 0
            THEN RadionuclideTotalDose END AS activity,
        RadionuclideTotalDose < getvariable('activity_unit_below') AS is_MBq,
        CASE WHEN PatientWeight > 0 THEN PatientWeight ELSE w.weight END AS weight_kg,
        CASE
            WHEN PatientWeight > 0 THEN 'own'
            WHEN w.weight IS NOT NULL THEN 'study'
            WHEN PatientWeight IS NOT NULL THEN 'not_positive'
            WHEN weight_text THEN 'parse_fail'
            ELSE 'missing'
        END AS weight_status,
        CASE WHEN RadionuclideHalfLife > 0 THEN RadionuclideHalfLife END AS half_life,
        upper(DecayCorrection) AS decay_correction,
        CASE WHEN upper(trim(Modality)) IN ('PT', 'PET', 'PET/CT')
            THEN coalesce(upper(Units), '') END AS pet_units,
        -- Of a series that was made later only the acquisition tells when it started (QIBA).
        minutes(
            injection_datetime - clock, least(SeriesDate + SeriesTime, acquisition_of_set)
        ) AS decay_minutes,
        regexp_extract(upper(trim(PatientAge)), '^([0-9]{1,3})([DWMY])$', ['number', 'unit']) AS age,
        CASE WHEN PatientBirthDate <= StudyDate
            THEN year(StudyDate) - year(PatientBirthDate) - CAST(
                100 * month(StudyDate) + day(StudyDate)
                    < 100 * month(PatientBirthDate) + day(PatientBirthDate) AS DOUBLE)
        END AS age_of_dates,
        CASE
            WHEN SeriesDate IS NOT NULL AND StudyDate IS NOT NULL
            THEN minutes(StudyDate + StudyTime, SeriesDate + SeriesTime)
            ELSE minutes(StudyTime, SeriesTime)
        END AS study_time_offset_minutes
    FROM injections AS i LEFT JOIN study_weights AS w USING (study)
),
given AS (
    SELECT
        *,
        CASE WHEN is_MBq THEN activity ELSE activity / 1e6 END AS injected_activity_MBq,
        CASE
            WHEN decay_correction = 'ADMIN' THEN 1.0
            WHEN decay_correction = 'START' AND uptake_minutes >= 0 AND decay_minutes >= 0
            THEN exp(-ln(2) * 60 * decay_minutes / half_life)
        END AS decayed_to,
        CASE WHEN uptake_minutes >= 0 THEN exp(-ln(2) * 60 * uptake_minutes / half_life) END
            AS decayed_at_scan,
        TRY_CAST(age['number'] AS DOUBLE) * CASE age['unit']
            WHEN 'D' THEN 1 / 365.25
            WHEN 'W' THEN 7 / 365.25
            WHEN 'M' THEN 1 / 12.0
            ELSE 1
        END AS age_told,
        floor(uptake_minutes / 1440) AS whole_days
    FROM weighed
),
measures AS (
    SELECT
        *,
        -- 12 decimals: 231.57 / 74.7 is 3.1, and not just below, which is another bar and may be
        -- the other side of a threshold.
        round(
            finite(CASE WHEN is_radiopharmaceutical THEN injected_activity_MBq / weight_kg END), 12
        ) AS dose_per_kg_MBq,
        finite(injected_activity_MBq * decayed_at_scan) AS activity_at_scan_MBq,
        CASE WHEN pet_units = 'BQML'
            THEN finite(1000 * weight_kg / nullif(1e6 * injected_activity_MBq * decayed_to, 0))
        END AS suv_bw_factor,
        CASE WHEN PatientSize BETWEEN 0.2 AND 2.5 THEN finite(weight_kg / PatientSize ** 2) END
            AS bmi_kg_m2,
        coalesce(age_told, age_of_dates) AS PatientAge_years
    FROM given
)
SELECT
    nth,
    is_radiopharmaceutical,
    injection_datetime,
    CASE
        WHEN NOT is_radiopharmaceutical THEN NULL
        WHEN injection_datetime IS NOT NULL THEN 'ok'
        WHEN injection_text THEN 'parse_fail'
        ELSE 'missing'
    END AS injection_status,
    CASE WHEN injection_datetime IS NOT NULL THEN coalesce(is_day_before, false) END
        AS injection_date_inferred,
    uptake_minutes,
    CASE
        WHEN NOT is_radiopharmaceutical THEN NULL
        WHEN uptake_minutes < 0 THEN 'negative'
        WHEN uptake_minutes > getvariable('uptake_too_long') THEN 'too_long'
        WHEN uptake_minutes IS NOT NULL THEN 'ok'
        WHEN injection_datetime IS NULL AND injection_text
            OR acquisition_datetime_min IS NULL AND acquisition_text THEN 'parse_fail'
        ELSE 'missing'
    END AS uptake_status,
    injected_activity_MBq,
    CASE
        WHEN NOT is_radiopharmaceutical THEN NULL
        WHEN injected_activity_MBq IS NOT NULL THEN 'ok'
        WHEN RadionuclideTotalDose IS NOT NULL THEN 'not_positive'
        WHEN activity_text THEN 'parse_fail'
        ELSE 'missing'
    END AS activity_status,
    CASE WHEN activity IS NOT NULL THEN is_MBq END AS activity_unit_assumed,
    weight_kg,
    weight_status,
    dose_per_kg_MBq,
    CASE
        WHEN NOT is_radiopharmaceutical THEN NULL
        WHEN injected_activity_MBq IS NULL AND weight_kg IS NULL THEN 'neither'
        WHEN injected_activity_MBq IS NULL THEN 'no_activity'
        WHEN weight_kg IS NULL THEN 'no_weight'
        WHEN dose_per_kg_MBq BETWEEN getvariable('dose_plausible_from')
            AND getvariable('dose_plausible_to') THEN 'ok'
        ELSE 'implausible'
    END AS dose_status,
    activity_at_scan_MBq,
    100 * (1 - activity_at_scan_MBq / injected_activity_MBq) AS decayed_percent,
    CASE
        WHEN NOT is_radiopharmaceutical THEN NULL
        WHEN injected_activity_MBq IS NULL THEN 'no_activity'
        WHEN uptake_minutes IS NULL OR uptake_minutes < 0 THEN 'no_uptake'
        WHEN half_life IS NULL THEN 'no_half_life'
        ELSE 'ok'
    END AS activity_at_scan_status,
    suv_bw_factor,
    CASE
        WHEN pet_units IS NULL THEN NULL
        WHEN suv_bw_factor IS NOT NULL THEN 'ok'
        WHEN pet_units <> 'BQML' THEN 'units'
        WHEN weight_kg IS NULL THEN 'no_weight'
        WHEN injected_activity_MBq IS NULL THEN 'no_activity'
        WHEN coalesce(decay_correction, '') NOT IN ('START', 'ADMIN') THEN 'no_decay_correction'
        WHEN half_life IS NULL THEN 'no_half_life'
        WHEN decayed_to IS NULL THEN 'no_uptake'
        ELSE 'no_activity'
    END AS suv_status,
    bmi_kg_m2,
    CASE
        WHEN weight_kg IS NULL THEN 'no_weight'
        WHEN PatientSize IS NULL THEN 'no_size'
        WHEN bmi_kg_m2 IS NULL THEN 'implausible'
        ELSE 'ok'
    END AS bmi_status,
    PatientAge_years,
    CASE
        WHEN age_told IS NOT NULL THEN 'ok'
        WHEN age_of_dates IS NOT NULL THEN 'birth_date'
        WHEN trim(PatientAge) <> '' THEN 'parse_fail'
        ELSE 'missing'
    END AS age_status,
    CASE
        WHEN PatientAge_years < 18 THEN '0-17'
        WHEN PatientAge_years < 40 THEN '18-39'
        WHEN PatientAge_years < 60 THEN '40-59'
        WHEN PatientAge_years < 80 THEN '60-79'
        WHEN PatientAge_years IS NOT NULL THEN '80+'
    END AS age_bucket,
    study_time_offset_minutes,
    CASE
        WHEN StudyTime IS NULL THEN 'no_study_time'
        WHEN SeriesTime IS NULL THEN 'no_series_time'
        ELSE 'ok'
    END AS study_time_status,
    abs(study_time_offset_minutes) > getvariable('timing_study_conflict') AS study_time_conflict,
    CASE WHEN whole_days <> 0 AND uptake_minutes - 1440 * whole_days <= getvariable('uptake_too_long')
        THEN CAST(whole_days AS BIGINT) END AS shifted_days,
    CASE WHEN dose_per_kg_MBq IS NOT NULL THEN 3 ELSE 0 END
        + CASE WHEN uptake_minutes IS NOT NULL THEN 2 ELSE 0 END
        + CASE WHEN is_radiopharmaceutical THEN 1 ELSE 0 END AS representative_score
FROM measures;
