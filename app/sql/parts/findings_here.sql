-- Findings about what is looked at, with what is known of where they are: those about a series or
-- its instances follow the series, those about a study the study; others, such as those about files
-- that could not be read, belong to neither and are always there. Since is new, known or gone,
-- compared with what was there before the run $run; gone ones are as they were.
told AS (
    SELECT
        rule, severity, level, StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, path, expected,
        observed, n_affected, message, reference, first_run,
        if(first_run = $run, 'new', 'known') AS since
    FROM findings
    UNION ALL
    SELECT
        rule, severity, level, StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, path, expected,
        observed, n_affected, message, reference, first_run,
        'gone'
    FROM findings_gone
    WHERE gone_run = $run
),
here AS (
    SELECT
        f.rule,
        f.severity,
        f.level,
        f.StudyInstanceUID,
        f.SeriesInstanceUID,
        f.SOPInstanceUID,
        f.path,
        f.expected,
        f.observed,
        f.n_affected,
        f.message,
        f.reference,
        f.first_run,
        f.since,
        coalesce(s.StudyDate, st.StudyDate) AS StudyDate,
        coalesce(s.Manufacturer, st.Manufacturer) AS Manufacturer,
        coalesce(s.ManufacturerModelName, st.ManufacturerModelName) AS ManufacturerModelName,
        coalesce(s.Modality, st.Modality) AS Modality,
        coalesce(s.StudyDescription, st.StudyDescription) AS StudyDescription,
        s.SeriesNumber,
        s.SeriesDescription
    FROM told AS f
    LEFT JOIN series AS s
        ON f.level IN ('series', 'instance')
        AND coalesce(f.StudyInstanceUID, '') = coalesce(s.StudyInstanceUID, '')
        AND coalesce(f.SeriesInstanceUID, '') = coalesce(s.SeriesInstanceUID, '')
    LEFT JOIN studies AS st
        ON f.level = 'study' AND f.StudyInstanceUID = st.StudyInstanceUID
    WHERE f.level NOT IN ('series', 'instance', 'study')
        OR s.n_instances IS NOT NULL
        OR st.n_series IS NOT NULL
)
