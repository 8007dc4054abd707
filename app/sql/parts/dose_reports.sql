-- Dose reports, one for each study: the one with the most events (the
-- reports of a study are often versions of each other), then with the largest dose, then with
-- the smallest SeriesInstanceUID. $kind is ct or projection. A value of 0 is none. The protocol of
-- a report is that of the largest CT series of its study, whatever is filtered: ct_protocol.
measured AS (
    SELECT
        StudyDescription,
        StudyDate,
        right(patient_key, 8) AS patient,
        CASE $by
            WHEN 'scanner' THEN
                nullif(concat_ws(' · ', coalesce(ManufacturerModelName, Manufacturer),
                    left(scanner_key, 8)), '')
            WHEN 'protocol' THEN ct_protocol
            ELSE StudyDescription
        END AS dose_group,
        Manufacturer,
        nullif(concat_ws(' · ', coalesce(ManufacturerModelName, Manufacturer),
            left(scanner_key, 8)), '') AS scanner,
        SeriesDescription,
        dose_sr_events,
        if(isfinite(dose_sr_CTDIvol_max_mGy) AND dose_sr_CTDIvol_max_mGy > 0,
            dose_sr_CTDIvol_max_mGy, NULL) AS report_ctdivol,
        if(isfinite(dose_sr_DLP_total_mGycm) AND dose_sr_DLP_total_mGycm > 0,
            dose_sr_DLP_total_mGycm, NULL) AS report_dlp,
        if(isfinite(dose_sr_dose_area_product_Gym2) AND dose_sr_dose_area_product_Gym2 > 0,
            dose_sr_dose_area_product_Gym2 / 1e-4, NULL) AS report_dap_Gycm2,
        StudyInstanceUID,
        SeriesInstanceUID
    FROM series
    WHERE if($kind = 'ct',
        dose_sr_CTDIvol_max_mGy IS NOT NULL OR dose_sr_DLP_total_mGycm IS NOT NULL,
        dose_sr_CTDIvol_max_mGy IS NULL AND dose_sr_DLP_total_mGycm IS NULL
            AND dose_sr_dose_area_product_Gym2 IS NOT NULL)
    QUALIFY row_number() OVER (
        PARTITION BY study_row, if(study_row = 0, SeriesInstanceUID, NULL)
        ORDER BY dose_sr_events DESC NULLS LAST, report_dlp DESC NULLS LAST,
            report_dap_Gycm2 DESC NULLS LAST, SeriesInstanceUID
    ) = 1
)
