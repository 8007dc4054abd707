-- CT series with slices of 3 mm and less, for reconstructions in any plane
SELECT StudyDate, SeriesDescription, ConvolutionKernel, SliceThickness, slice_spacing_mm,
       n_slice_positions, SeriesInstanceUID
FROM series
WHERE Modality = 'CT' AND SliceThickness <= 3
ORDER BY SliceThickness, StudyDate
