-- Judgements about quality values: of each series, of studies, and of the dates of the whole lake.
-- Which rules a series breaks comes first, then what is said of those: a list of structs takes four
-- times as long to plan.
CREATE MACRO plain(x) AS format('{:.6g}', CAST(x AS DOUBLE));

CREATE TABLE quality_broken AS
SELECT
    nth,
    unnest([
        CASE WHEN activity_unit_assumed THEN 'activity_unit_assumed' END,
        CASE WHEN PatientWeight <= 0 THEN 'weight_not_positive' END,
        CASE WHEN activity_status = 'not_positive' THEN 'activity_not_positive' END,
        CASE uptake_status
            WHEN 'negative' THEN 'uptake_negative' WHEN 'too_long' THEN 'uptake_too_long' END,
        CASE WHEN injection_date_inferred THEN 'injection_date_inferred' END,
        CASE dose_status
            WHEN 'implausible' THEN 'dose_implausible'
            WHEN 'no_weight' THEN 'activity_without_weight'
            WHEN 'no_activity' THEN 'weight_without_activity'
            ELSE CASE WHEN dose_outlier THEN 'dose_outlier' END
        END,
        CASE WHEN study_time_conflict AND coalesce(len(s.derived_kinds), 0) = 0
            THEN 'study_time_conflict' END,
        CASE WHEN p.differs IS NOT NULL THEN 'protocol_deviates' END,
        CASE WHEN s.repeated_acquisition THEN 'repeated_acquisition' END,
        CASE WHEN list_contains(BurnedInAnnotation_values, 'YES') THEN 'burned_in_annotation' END,
        CASE WHEN r.study IS NOT NULL AND PatientIdentityRemoved IS DISTINCT FROM 'YES'
            THEN 'identity_not_removed' END
    ]) AS rule,
    p.differs
FROM series_quality AS q
JOIN quality_source AS s USING (nth)
LEFT JOIN (
    SELECT DISTINCT study FROM quality_source
    WHERE PatientIdentityRemoved = 'YES' AND study IS NOT NULL
) AS r ON s.study = r.study
LEFT JOIN (FROM protocols SELECT * WHERE len(differs) > 0) AS p
    ON s.scanner_key = p.scanner_key
    AND s.protocol_group = p.protocol_group
    AND s.protocol_fingerprint = p.protocol_fingerprint;

INSERT INTO finding_rows BY NAME
SELECT
    rule,
    s.StudyInstanceUID,
    s.SeriesInstanceUID,
    CASE rule
        WHEN 'activity_unit_assumed' THEN '00540016[0].00181074'
        WHEN 'activity_not_positive' THEN '00540016[0].00181074'
        WHEN 'weight_without_activity' THEN '00540016[0].00181074'
        WHEN 'injection_date_inferred' THEN '00540016[0].00181072'
        WHEN 'weight_not_positive' THEN '00101030'
        WHEN 'activity_without_weight' THEN '00101030'
        WHEN 'study_time_conflict' THEN '00080031'
        WHEN 'burned_in_annotation' THEN '00280301'
        WHEN 'identity_not_removed' THEN '00120062'
    END AS path,
    CASE rule
        WHEN 'activity_unit_assumed' THEN 'Bq'
        WHEN 'activity_not_positive' THEN 'an activity above 0 Bq'
        WHEN 'weight_not_positive' THEN 'a weight above 0 kg'
        WHEN 'uptake_negative' THEN 'an acquisition after the injection'
        WHEN 'uptake_too_long'
        THEN 'at most ' || plain(getvariable('uptake_too_long')) || ' minutes'
        WHEN 'injection_date_inferred' THEN 'Radiopharmaceutical Start DateTime'
        WHEN 'dose_implausible'
        THEN plain(getvariable('dose_plausible_from')) || ' to '
            || plain(getvariable('dose_plausible_to')) || ' MBq/kg'
        WHEN 'activity_without_weight' THEN 'a weight'
        WHEN 'weight_without_activity' THEN 'an activity'
        WHEN 'dose_outlier'
        THEN 'a robust z of at most ' || plain(getvariable('dose_robust_z'))
        WHEN 'study_time_conflict'
        THEN 'at most ' || plain(getvariable('timing_study_conflict')) || ' minutes'
        WHEN 'protocol_deviates' THEN 'the parameters that most of its series have'
        WHEN 'repeated_acquisition' THEN 'one series for each acquisition'
        WHEN 'burned_in_annotation' THEN 'NO'
        WHEN 'identity_not_removed' THEN 'YES, as in other series of the study'
    END AS expected,
    CASE rule
        WHEN 'activity_unit_assumed' THEN plain(RadionuclideTotalDose) || ', taken as MBq'
        WHEN 'activity_not_positive' THEN plain(RadionuclideTotalDose) || ' Bq'
        WHEN 'weight_not_positive' THEN plain(PatientWeight) || ' kg'
        WHEN 'uptake_negative' THEN plain(uptake_minutes) || ' minutes'
        WHEN 'uptake_too_long' THEN plain(uptake_minutes) || ' minutes'
        WHEN 'injection_date_inferred' THEN 'a time of day'
        WHEN 'dose_implausible' THEN plain(dose_per_kg_MBq) || ' MBq/kg'
        WHEN 'activity_without_weight' THEN weight_status
        WHEN 'weight_without_activity' THEN activity_status
        WHEN 'dose_outlier'
        THEN plain(dose_per_kg_MBq) || ' MBq/kg, robust z ' || plain(dose_robust_z)
        WHEN 'study_time_conflict' THEN plain(study_time_offset_minutes) || ' minutes'
        WHEN 'protocol_deviates'
        THEN 'another ' || array_to_string(differs[1:4], ', ')
            || CASE WHEN len(differs) > 4 THEN ' and ' || (len(differs) - 4) || ' more' ELSE '' END
        WHEN 'repeated_acquisition' THEN 'several'
        WHEN 'burned_in_annotation' THEN 'YES'
        WHEN 'identity_not_removed' THEN 'NO, or nothing'
    END AS observed,
    s.n_instances AS n_affected
FROM (FROM quality_broken WHERE rule IS NOT NULL)
JOIN quality_source AS s USING (nth)
JOIN series_quality AS q USING (nth);

INSERT INTO finding_rows BY NAME
SELECT
    rule,
    StudyInstanceUID,
    CASE rule
        WHEN 'many_series'
        THEN 'at most ' || plain(getvariable('composition_many_series')) || ' series'
        ELSE 'PET and CT'
    END AS expected,
    CASE rule
        WHEN 'many_series' THEN n_series || ' series'
        WHEN 'pt_without_ct' THEN 'PET'
        WHEN 'ct_without_pt' THEN 'CT'
    END AS observed,
    n_affected
FROM (
    SELECT
        s.StudyInstanceUID,
        unnest(any_value(c.composition)) AS rule,
        count(*) AS n_series,
        sum(s.n_instances) AS n_affected
    FROM quality_source AS s
    JOIN (FROM study_composition WHERE len(composition) > 0) AS c ON s.study = c.study
    GROUP BY s.StudyInstanceUID
);

INSERT INTO finding_rows BY NAME
SELECT
    'dates_shifted' AS rule,
    'less than ' || plain(100 * getvariable('timing_shifted_share')) || ' % of the delays'
        AS expected,
    n_odd || ' of ' || n || ' delays' AS observed,
    n_odd AS n_affected
FROM (
    SELECT count(*) AS n, count(*) FILTER (is_odd) AS n_odd
    FROM (
        SELECT uptake_minutes < 0 OR shifted_days IS NOT NULL AS is_odd
        FROM series_quality JOIN quality_source USING (nth)
        WHERE is_representative AND uptake_minutes IS NOT NULL
            AND RadiopharmaceuticalStartDateTime IS NOT NULL
    )
)
WHERE n_odd >= getvariable('timing_shifted_n') AND n_odd / n >= getvariable('timing_shifted_share');
