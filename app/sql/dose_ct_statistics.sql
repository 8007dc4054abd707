-- How a value of the headers of CT images ($measure) spreads over irradiations, in all and by
-- protocol, study description, body part or scanner ($by).
WITH
{dose_ct},
valued AS (
    SELECT
        dose_group,
        CASE $measure
            WHEN 'ctdivol' THEN CTDIvol_max
            WHEN 'exposure_time' THEN exposure_time_ms
            WHEN 'tube_current' THEN tube_current_mA
            WHEN 'exposure' THEN exposure_mAs
            WHEN 'kvp' THEN KVP
        END AS value
    FROM measured
)
{dose_statistics}
