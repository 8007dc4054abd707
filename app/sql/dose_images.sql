-- Exposures of X-ray images ($kind) by what their headers state, with the group of $by; only
-- those of the group $group ("—" has none) unless that is empty.
WITH
{dose_images}
SELECT
    SeriesDescription,
    StudyDescription,
    StudyDate,
    patient,
    dose_group,
    ViewPosition,
    side,
    BodyPartExamined,
    ExposureIndex,
    TargetExposureIndex,
    DeviationIndex,
    deviation_computed,
    CompressionForce,
    BodyPartThickness,
    organ_dose_mGy,
    EntranceDoseInmGy,
    dose_area_product_Gycm2,
    KVP,
    exposure_mAs,
    exposure_time_ms,
    ProtocolName,
    Manufacturer,
    scanner,
    StudyInstanceUID,
    SeriesInstanceUID,
    SOPInstanceUID
FROM measured
WHERE $group IN ('', coalesce(dose_group, '—'))
