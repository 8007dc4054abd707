-- DLP and CTDIvol of dose reports ($kind) by group ($by): reports, the middle one and the range of
-- each. The numbers are those of dose_reports_statistics.
WITH
{dose_reports}
SELECT
    dose_group AS ct_protocol,
    count(*) AS n_reports,
    median(report_dlp) AS dlp_median,
    min(report_dlp) AS dlp_smallest,
    max(report_dlp) AS dlp_largest,
    median(report_ctdivol) AS report_median,
    min(report_ctdivol) AS report_smallest,
    max(report_ctdivol) AS report_largest
FROM measured
GROUP BY dose_group
ORDER BY count(report_dlp) DESC, n_reports DESC, ct_protocol NULLS LAST
