-- When the series of one study ($study) were acquired, as far as they say.
SELECT
    SeriesDescription,
    SeriesNumber,
    Modality,
    n_instances,
    acquisition_datetime_min,
    acquisition_datetime_max,
    coalesce(list_contains(ImageType, 'DERIVED'), false) AS is_derived,
    SeriesInstanceUID
FROM series
WHERE StudyInstanceUID IS NOT DISTINCT FROM nullif($study, 'none')
ORDER BY acquisition_datetime_min NULLS LAST, SeriesNumber NULLS LAST, SeriesInstanceUID
