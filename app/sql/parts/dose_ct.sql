-- CT series that state a CTDIvol, one for each irradiation: series of a study with one acquisition
-- number (else start), CTDIvol and tube voltage are reconstructions of the same. Localizers are
-- left out. CTDIvol is the largest that the images of a series state; a value of 0 is none.
measured AS (
    SELECT
        StudyDescription,
        StudyDate,
        right(patient_key, 8) AS patient,
        CASE $by
            WHEN 'study' THEN StudyDescription
            WHEN 'scanner' THEN
                nullif(concat_ws(' · ', coalesce(ManufacturerModelName, Manufacturer),
                    left(scanner_key, 8)), '')
            WHEN 'body_part' THEN BodyPartExamined
            ELSE coalesce(ProtocolName, SeriesDescription)
        END AS dose_group,
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
        count() OVER irradiation AS n_reconstructions,
        StudyInstanceUID,
        SeriesInstanceUID
    FROM series
    WHERE Modality = 'CT' AND CTDIvol_max > 0 AND isfinite(CTDIvol_max)
        AND NOT is_localizer
    WINDOW irradiation AS (
        PARTITION BY study_row, if(study_row = 0, SeriesInstanceUID, NULL), round(CTDIvol_max, 2),
            AcquisitionNumber, if(AcquisitionNumber IS NULL, acquisition_datetime_min, NULL),
            if(coalesce(AcquisitionNumber::VARCHAR, acquisition_datetime_min::VARCHAR) IS NULL,
                SeriesInstanceUID, NULL), KVP
    )
    QUALIFY row_number() OVER (
        irradiation ORDER BY is_derived, n_instances DESC, SeriesNumber NULLS LAST, SeriesInstanceUID
    ) = 1
)
