-- CT series that state a CTDIvol, one for each irradiation (ct_irradiation, of which some series may
-- be filtered out): the first of its reconstructions that there are. CTDIvol is the largest that the
-- images of a series state.
irradiations AS (
    SELECT
        ct_irradiation,
        min(ct_reconstruction) AS ct_reconstruction,
        count(*) AS n_reconstructions
    FROM series
    WHERE ct_irradiation IS NOT NULL
    GROUP BY ct_irradiation
),
measured AS (
    SELECT
        StudyDescription,
        StudyDate,
        right(patient_key, 8) AS patient,
        {dose_ct_group} AS dose_group,
        Manufacturer,
        nullif(concat_ws(' · ', coalesce(ManufacturerModelName, Manufacturer),
            left(scanner_key, 8)), '') AS scanner,
        ProtocolName,
        SeriesDescription,
        BodyPartExamined,
        CTDIvol_max,
        CTDIvol_min,
        if(isfinite(ExposureTime_max) AND ExposureTime_max > 0, ExposureTime_max, NULL)
            AS exposure_time_ms,
        if(isfinite(XRayTubeCurrent_max) AND XRayTubeCurrent_max > 0, XRayTubeCurrent_max, NULL)
            AS tube_current_mA,
        if(isfinite(Exposure_max) AND Exposure_max > 0, Exposure_max, NULL) AS exposure_mAs,
        if(KVP > 0, KVP, NULL) AS KVP,
        n_instances,
        n_reconstructions,
        StudyInstanceUID,
        SeriesInstanceUID
    FROM series JOIN irradiations USING (ct_irradiation, ct_reconstruction)
)
