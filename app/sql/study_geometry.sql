-- Where the images of each series of one study ($study) lie: plane, tilt, matrix, voxel size, slices.
-- The plane is the one whose normal is nearest (PS3.3 C.7.6.2); tilt is the angle to it.
WITH images AS (
    SELECT *, list_max(list_transform(slice_normal, lambda x: abs(x))) AS nearest
    FROM series
    WHERE StudyInstanceUID IS NOT DISTINCT FROM nullif($study, 'none') AND n_frames_sum > 0
)
SELECT
    SeriesDescription,
    SeriesNumber,
    Modality,
    CASE
        WHEN len(slice_normal) <> 3 OR nearest IS NULL THEN NULL
        WHEN nearest = abs(slice_normal[3]) THEN 'axial'
        WHEN nearest = abs(slice_normal[2]) THEN 'coronal'
        ELSE 'sagittal'
    END AS plane,
    round(degrees(acos(least(nearest, 1))), 1) AS tilt_degrees,
    CASE WHEN Columns IS NOT NULL THEN concat(Columns, ' × ', Rows) END AS matrix,
    PixelSpacing_row_mm,
    CASE WHEN PixelSpacing_column_mm <> PixelSpacing_row_mm THEN PixelSpacing_column_mm END
        AS PixelSpacing_column_mm,
    SliceThickness,
    slice_spacing_mm,
    round(slice_spacing_mm - SliceThickness, 3) AS slice_gap_mm,
    n_slice_positions,
    n_frames_sum,
    round(Columns * PixelSpacing_column_mm, 1) AS extent_columns_mm,
    round(Rows * PixelSpacing_row_mm, 1) AS extent_rows_mm,
    round(abs(slice_position_mm_max - slice_position_mm_min)
        + coalesce(slice_spacing_mm, SliceThickness), 1) AS extent_slices_mm,
    SeriesInstanceUID
FROM images
ORDER BY SeriesNumber NULLS LAST, SeriesInstanceUID
