-- The instances of one series ($study, $series) in slice order.
SELECT
    row_number() OVER (
        ORDER BY slice_position_mm NULLS LAST, acquisition_datetime NULLS LAST,
            InstanceNumber NULLS LAST, SOPInstanceUID
    ) AS position,
    InstanceNumber,
    slice_position_mm,
    acquisition_datetime,
    EchoTime,
    b_value,
    array_to_string(ImageType, '\') AS ImageType,
    CASE WHEN Columns IS NOT NULL THEN concat(Columns, ' × ', Rows) END AS matrix,
    n_frames,
    file_size_bytes,
    truncation,
    SOPInstanceUID,
    BurnedInAnnotation,
    ImagePositionPatient,
    slice_normal,
    instance_id,
    header_id
FROM instances
WHERE StudyInstanceUID IS NOT DISTINCT FROM nullif($study, 'none')
    AND SeriesInstanceUID IS NOT DISTINCT FROM nullif($series, 'none')
ORDER BY position
