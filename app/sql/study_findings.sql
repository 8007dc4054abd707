-- The findings about one study ($study), its series and instances, the grave ones first.
SELECT
    f.severity,
    f.rule,
    f.message,
    s.SeriesNumber,
    s.SeriesDescription,
    f.observed,
    f.expected,
    f.n_affected,
    f.path,
    f.reference,
    f.SeriesInstanceUID,
    f.SOPInstanceUID
FROM findings AS f
LEFT JOIN (
    SELECT SeriesInstanceUID, SeriesNumber, SeriesDescription
    FROM series
    WHERE StudyInstanceUID IS NOT DISTINCT FROM nullif($study, 'none')
) AS s ON s.SeriesInstanceUID = f.SeriesInstanceUID
WHERE f.StudyInstanceUID IS NOT DISTINCT FROM nullif($study, 'none')
    AND f.rule <> 'file_error'
ORDER BY
    list_position(['error', 'warning', 'info'], f.severity), f.rule, s.SeriesNumber NULLS LAST,
    f.SeriesInstanceUID, f.path
