-- CT dose by protocol: CTDIvol (mGy) as the images say it, and CTDIvol and DLP (mGy·cm) of the dose
-- reports of the studies whose largest CT series has the protocol. Median and range.
WITH images AS (
    SELECT
        coalesce(protocol_group, '—') AS protocol_group,
        count(*) AS n_series,
        median(CTDIvol_max) AS CTDIvol_median,
        min(CTDIvol_max) AS CTDIvol_smallest,
        max(CTDIvol_max) AS CTDIvol_largest
    FROM series
    WHERE Modality = 'CT' AND CTDIvol_max IS NOT NULL
    GROUP BY ALL
),
scanned AS (
    SELECT
        coalesce(StudyInstanceUID, '') AS study,
        coalesce(arg_max(protocol_group, (n_instances, SeriesInstanceUID)), '—') AS protocol_group
    FROM series
    WHERE Modality = 'CT'
    GROUP BY study
),
told AS (
    SELECT
        coalesce(scanned.protocol_group, '—') AS protocol_group,
        count(*) AS n_reports,
        median(dose_sr_CTDIvol_max_mGy) AS report_CTDIvol_median,
        min(dose_sr_CTDIvol_max_mGy) AS report_CTDIvol_smallest,
        max(dose_sr_CTDIvol_max_mGy) AS report_CTDIvol_largest,
        median(dose_sr_DLP_total_mGycm) AS DLP_median,
        min(dose_sr_DLP_total_mGycm) AS DLP_smallest,
        max(dose_sr_DLP_total_mGycm) AS DLP_largest
    FROM series AS s LEFT JOIN scanned ON coalesce(s.StudyInstanceUID, '') = scanned.study
    WHERE dose_sr_CTDIvol_max_mGy IS NOT NULL OR dose_sr_DLP_total_mGycm IS NOT NULL
    GROUP BY ALL
)
SELECT
    protocol_group, coalesce(n_series, 0) AS n_series, CTDIvol_median, CTDIvol_smallest,
    CTDIvol_largest, coalesce(n_reports, 0) AS n_reports, report_CTDIvol_median,
    report_CTDIvol_smallest, report_CTDIvol_largest, DLP_median, DLP_smallest, DLP_largest
FROM images FULL JOIN told USING (protocol_group)
ORDER BY n_series DESC, n_reports DESC, protocol_group
