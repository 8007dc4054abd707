-- What there is about dose: CT studies and series, localizers, series with a CTDIvol, dose reports
-- of CT and of projections, and images of radiography, mammography and fluoroscopy.
WITH kinds AS MATERIALIZED (
    SELECT
        CASE
            WHEN dose_sr_CTDIvol_max_mGy IS NOT NULL OR dose_sr_DLP_total_mGycm IS NOT NULL
                THEN 'ct_report'
            WHEN dose_sr_dose_area_product_Gym2 IS NOT NULL THEN 'projection_report'
            WHEN Modality = 'CT' AND is_localizer THEN 'localizer'
            WHEN Modality = 'CT' THEN 'ct'
            WHEN Modality IN ('DX', 'CR', 'RG', 'PX', 'IO') THEN 'radiography'
            WHEN Modality = 'MG' THEN 'mammography'
            WHEN Modality IN ('XA', 'RF') THEN 'fluoroscopy'
        END AS kind,
        CTDIvol_min,
        CTDIvol_max,
        n_instances,
        StudyInstanceUID
    FROM series
    WHERE Modality IN ('CT', 'DX', 'CR', 'RG', 'PX', 'IO', 'MG', 'XA', 'RF')
        OR dose_sr_CTDIvol_max_mGy IS NOT NULL OR dose_sr_DLP_total_mGycm IS NOT NULL
        OR dose_sr_dose_area_product_Gym2 IS NOT NULL
),
examined AS (
    SELECT bool_or(kind <> 'ct_report') AS has_ct, bool_or(kind = 'ct_report') AS has_report
    FROM kinds
    WHERE kind IN ('ct', 'localizer', 'ct_report')
    GROUP BY StudyInstanceUID
)
SELECT
    (SELECT count() FROM examined WHERE has_ct) AS ct_studies,
    count() FILTER (kind IN ('ct', 'localizer')) AS ct_series,
    count() FILTER (kind = 'localizer') AS ct_localizers,
    count() FILTER (kind = 'ct' AND CTDIvol_max > 0 AND isfinite(CTDIvol_max)) AS ct_stated,
    count() FILTER (kind = 'ct' AND CTDIvol_min < CTDIvol_max AND isfinite(CTDIvol_max)) AS ct_varying,
    count() FILTER (kind = 'ct_report') AS ct_reports,
    (SELECT count() FROM examined WHERE has_ct AND has_report) AS ct_reported,
    count() FILTER (kind = 'projection_report') AS projection_reports,
    coalesce(sum(n_instances) FILTER (kind = 'radiography'), 0)::BIGINT AS radiography,
    coalesce(sum(n_instances) FILTER (kind = 'mammography'), 0)::BIGINT AS mammography,
    coalesce(sum(n_instances) FILTER (kind = 'fluoroscopy'), 0)::BIGINT AS fluoroscopy
FROM kinds
