-- CT irradiations by what the headers of their images state, with the group of $by; only those of
-- the group $group ("—" has none) unless that is empty.
WITH
{dose_ct}
SELECT
    SeriesDescription,
    StudyDescription,
    StudyDate,
    patient,
    dose_group,
    CTDIvol_max,
    CTDIvol_min,
    KVP,
    tube_current_mA,
    exposure_time_ms,
    exposure_mAs,
    ProtocolName,
    BodyPartExamined,
    Manufacturer,
    scanner,
    n_reconstructions,
    n_instances,
    StudyInstanceUID,
    SeriesInstanceUID
FROM measured
WHERE $group IN ('', coalesce(dose_group, '—'))
