-- The series of one study ($study) with what they are matched by and what of their protocol is
-- compared at once; the plane is the axis of the patient that the slice normal is nearest to.
SELECT
    SeriesInstanceUID,
    SeriesNumber,
    SeriesDescription,
    ProtocolName,
    Modality,
    CASE
        WHEN slice_normal IS NULL THEN NULL
        WHEN abs(slice_normal[3]) >= greatest(abs(slice_normal[1]), abs(slice_normal[2]))
            THEN 'transversal'
        WHEN abs(slice_normal[2]) >= abs(slice_normal[1]) THEN 'coronal'
        ELSE 'sagittal'
    END AS plane,
    array_to_string(ImageType, '\') AS ImageType,
    n_instances,
    n_slice_positions,
    SliceThickness,
    slice_spacing_mm,
    Rows,
    Columns,
    PixelSpacing_row_mm,
    RepetitionTime,
    EchoTime,
    InversionTime,
    FlipAngle,
    EchoTrainLength,
    PixelBandwidth,
    NumberOfAverages,
    b_value_values,
    KVP,
    ConvolutionKernel,
    SpiralPitchFactor,
    Radiopharmaceutical,
    ReconstructionMethod
FROM series
WHERE StudyInstanceUID = $study AND SeriesInstanceUID IS NOT NULL
ORDER BY SeriesNumber NULLS LAST, SeriesInstanceUID
