-- Dose reports of one kind of irradiation ($kind), one for each study, with the group of $by; only
-- those of the group $group ("—" has none) unless that is empty.
WITH
{dose_reports}
SELECT
    SeriesDescription,
    StudyDescription,
    StudyDate,
    patient,
    dose_group,
    report_ctdivol,
    report_dlp,
    report_dap_Gycm2,
    dose_sr_events,
    Manufacturer,
    scanner,
    StudyInstanceUID,
    SeriesInstanceUID
FROM measured
WHERE $group IN ('', coalesce(dose_group, '—'))
