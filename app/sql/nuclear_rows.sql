-- The studies of nuclear medicine of one class or with one reason to be looked at ($which; any:
-- with a reason). The other parameters are the ideal ranges.
WITH
{nuclear_studies}
SELECT
    StudyDescription,
    StudyDate,
    patient,
    Modality,
    Radiopharmaceutical,
    Manufacturer,
    scanner,
    nuclear_reasons,
    uptake_minutes,
    uptake_status,
    dose_per_kg_MBq,
    dose_status,
    dose_robust_z,
    injected_activity_MBq,
    activity_status,
    activity_unit_assumed,
    weight_kg,
    weight_status,
    injection_datetime,
    injection_date_inferred,
    shifted_days,
    StudyInstanceUID
FROM nuclear
WHERE list_contains(classes, $which)
    OR list_contains(nuclear_reasons, $which)
    OR ($which = 'any' AND len(nuclear_reasons) > 0)
