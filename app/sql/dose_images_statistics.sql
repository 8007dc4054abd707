-- How a value of X-ray images ($kind, $measure) spreads over exposures, in all and by protocol,
-- study description, body part, view or scanner ($by).
WITH
{dose_images},
valued AS (
    SELECT
        dose_group,
        CASE $measure
            WHEN 'exposure_index' THEN ExposureIndex
            WHEN 'target_index' THEN TargetExposureIndex
            WHEN 'deviation_index' THEN DeviationIndex
            WHEN 'deviation_computed' THEN deviation_computed
            WHEN 'compression' THEN CompressionForce
            WHEN 'thickness' THEN BodyPartThickness
            WHEN 'organ_dose' THEN organ_dose_mGy
            WHEN 'entrance_dose' THEN EntranceDoseInmGy
            WHEN 'dap' THEN dose_area_product_Gycm2
            WHEN 'kvp' THEN KVP
            WHEN 'exposure' THEN exposure_mAs
            WHEN 'exposure_time' THEN exposure_time_ms
        END AS value
    FROM measured
)
{dose_statistics}
