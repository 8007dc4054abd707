-- All series of one study, in the order of their numbers; $study is its StudyInstanceUID.
SELECT
    SeriesDescription,
    SeriesNumber,
    Modality,
    BodyPartExamined,
    n_instances,
    n_frames_sum,
    n_slice_positions,
    SliceThickness,
    slice_spacing_mm,
    CASE WHEN Columns IS NOT NULL THEN concat(Columns, ' × ', Rows) END AS matrix,
    PixelSpacing_row_mm,
    RepetitionTime,
    EchoTime,
    InversionTime,
    FlipAngle,
    b_value_values,
    KVP,
    ConvolutionKernel,
    CTDIvol,
    Radiopharmaceutical,
    acquisition_datetime_min,
    scan_duration_minutes,
    Manufacturer,
    ManufacturerModelName,
    file_size_bytes_sum,
    n_findings,
    SeriesInstanceUID
FROM series
WHERE StudyInstanceUID IS NOT DISTINCT FROM nullif($study, 'none')
ORDER BY SeriesNumber NULLS LAST, SeriesInstanceUID
