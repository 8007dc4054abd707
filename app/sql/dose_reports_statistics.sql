-- How a dose of dose reports ($kind, $measure) spreads in all and by study description or scanner
-- ($by).
WITH
{dose_reports},
valued AS (
    SELECT
        dose_group,
        CASE $measure
            WHEN 'report_ctdivol' THEN report_ctdivol
            WHEN 'report_dlp' THEN report_dlp
            WHEN 'report_dap' THEN report_dap_Gycm2
        END AS value
    FROM measured
)
{dose_statistics}
