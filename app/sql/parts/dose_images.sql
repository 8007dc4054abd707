-- Images of one kind of X-ray ($kind is radiography, mammography or fluoroscopy), one for each
-- exposure: images of a study that were acquired at one time with the same view, side and exposure
-- are versions of one (for processing, for presentation). A value of 0 is none.
-- PS3.3: OrganDose is in dGy, ImageAndFluoroscopyAreaDoseProduct in dGy cm2.
-- IEC 62494-1: the deviation index is 10 log10(exposure index / target).
chosen AS (
    SELECT StudyInstanceUID, SeriesInstanceUID, any_value(scanner_key) AS scanner_key
    FROM series
    WHERE CASE $kind
        WHEN 'mammography' THEN Modality = 'MG'
        WHEN 'fluoroscopy' THEN Modality IN ('XA', 'RF')
        ELSE Modality IN ('DX', 'CR', 'RG', 'PX', 'IO')
    END
    GROUP BY StudyInstanceUID, SeriesInstanceUID
),
measured AS (
    SELECT
        i.StudyDescription,
        i.StudyDate,
        right(i.patient_key, 8) AS patient,
        CASE $by
            WHEN 'study' THEN i.StudyDescription
            WHEN 'scanner' THEN
                nullif(concat_ws(' · ', coalesce(i.ManufacturerModelName, i.Manufacturer),
                    left(c.scanner_key, 8)), '')
            WHEN 'body_part' THEN i.BodyPartExamined
            WHEN 'view' THEN
                nullif(concat_ws(' ', coalesce(i.ImageLaterality, i.Laterality), i.ViewPosition),
                    '')
            ELSE coalesce(i.ProtocolName, i.SeriesDescription)
        END AS dose_group,
        i.Manufacturer,
        nullif(concat_ws(' · ', coalesce(i.ManufacturerModelName, i.Manufacturer),
            left(c.scanner_key, 8)), '') AS scanner,
        i.ProtocolName,
        i.SeriesDescription,
        i.BodyPartExamined,
        i.ViewPosition,
        coalesce(i.ImageLaterality, i.Laterality) AS side,
        if(i.KVP > 0, i.KVP, NULL) AS KVP,
        if(i.ExposureTime > 0, i.ExposureTime, NULL) AS exposure_time_ms,
        if(i.ExposureInuAs > 0, i.ExposureInuAs / 1000, if(i.Exposure > 0, i.Exposure, NULL))
            AS exposure_mAs,
        if(i.ExposureIndex > 0, i.ExposureIndex, NULL) AS ExposureIndex,
        if(i.TargetExposureIndex > 0, i.TargetExposureIndex, NULL) AS TargetExposureIndex,
        i.DeviationIndex,
        if(i.ExposureIndex > 0 AND i.TargetExposureIndex > 0,
            log10(i.ExposureIndex / i.TargetExposureIndex) / 0.1, NULL) AS deviation_computed,
        if(i.CompressionForce > 0, i.CompressionForce, NULL) AS CompressionForce,
        if(i.BodyPartThickness > 0, i.BodyPartThickness, NULL) AS BodyPartThickness,
        if(i.OrganDose > 0, i.OrganDose / 0.01, NULL) AS organ_dose_mGy,
        if(i.EntranceDoseInmGy > 0, i.EntranceDoseInmGy, NULL) AS EntranceDoseInmGy,
        if(i.ImageAndFluoroscopyAreaDoseProduct > 0,
            i.ImageAndFluoroscopyAreaDoseProduct / 10, NULL) AS dose_area_product_Gycm2,
        i.StudyInstanceUID,
        i.SeriesInstanceUID,
        i.SOPInstanceUID
    FROM instances AS i
    JOIN chosen AS c
        ON c.SeriesInstanceUID IS NOT DISTINCT FROM i.SeriesInstanceUID
        AND c.StudyInstanceUID IS NOT DISTINCT FROM i.StudyInstanceUID
    QUALIFY row_number() OVER (
        PARTITION BY i.StudyInstanceUID,
            coalesce(i.acquisition_datetime::VARCHAR, i.SOPInstanceUID), i.ViewPosition,
            coalesce(i.ImageLaterality, i.Laterality), i.ExposureIndex, i.Exposure, i.OrganDose
        ORDER BY i.PresentationIntentType IS DISTINCT FROM 'FOR PRESENTATION', i.SOPInstanceUID
    ) = 1
)
