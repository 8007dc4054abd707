"""Where the image lies and how its pixels are laid out: PS3.3 C.7.6.1 to C.7.6.3, C.7.6.16."""

from __future__ import annotations

from ingest.schema.attributes.notation import LF, LS, F, I, S
from ingest.schema.attributes.notation import attribute as a
from ingest.schema.attributes.notation import functional as fg
from ingest.schema.records import Column

GEOMETRY: tuple[Column, ...] = (
    a("FrameOfReferenceUID", "00200052", S, "Coordinate system the positions refer to", "varying"),
    a("ImagePositionPatient", "00200032", LF, "Centre of the first voxel: x, y, z", "first", unit="mm",
      also=(fg("00209113", "00200032"), "00540022/00200032")),
    a("ImageOrientationPatient", "00200037", LF, "Direction of the rows and of the columns", "first",
      also=(fg("00209116", "00200037"), "00540022/00200037")),
    a("SliceLocation", "00201041", F, "Position along the slice axis, as the scanner counts it", "minmax", unit="mm"),
    a("SliceThickness", "00180050", F, "Nominal slice thickness", "varying", unit="mm",
      also=(fg("00289110", "00180050"),)),
    a("SpacingBetweenSlices", "00180088", F, "Distance between slice centres", "varying", unit="mm",
      also=(fg("00289110", "00180088"),)),
    a("PixelSpacing", "00280030", LF, "Distance between rows, distance between columns", "first", unit="mm",
      also=(fg("00289110", "00280030"),)),
    a("ImagerPixelSpacing", "00181164", LF, "Pixel spacing at the detector: rows, columns", "first", unit="mm"),
    a("PatientOrientation", "00200020", LS, "Anatomical direction of the rows and of the columns", "varying"),
    a("ImageLaterality", "00200062", S, "Side shown in the image: L, R, B or U", "varying",
      also=(fg("00209071", "00209072"),)),
    a("PositionReferenceIndicator", "00201040", S, "Anatomical landmark of the coordinate system", "constant"),
    a("ImagesInAcquisition", "00201002", I, "Images the acquisition should have", "constant"),
    a("StackID", "FG 00209111/00209056", S, "Stack of the first frame", "varying"),
    a("InStackPositionNumber", "FG 00209111/00209057", I, "Position of the first frame in its stack", "first"),
    a("TemporalPositionIdentifier", "00200100", I, "Number of the time point", "minmax"),
    a("NumberOfTemporalPositions", "00200105", I, "Time points of the series", "constant"),
    a("TemporalResolution", "00200110", F, "Time between time points", "constant", unit="ms"),
    a("TriggerTime", "00181060", F, "Time from the trigger to the image", "minmax", unit="ms",
      also=(fg("00189118", "00209153"),)),
    a("NominalInterval", "00181062", I, "Average heart beat interval", "first", unit="ms"),
)

PIXELS: tuple[Column, ...] = (
    a("Rows", "00280010", I, "Rows of the image", "varying", unit="pixels"),
    a("Columns", "00280011", I, "Columns of the image", "varying", unit="pixels"),
    a("NumberOfFrames", "00280008", I, "Frames of the object", "sum", unit="frames"),
    a("SamplesPerPixel", "00280002", I, "Samples of a pixel: 1 grey, 3 colour", "constant"),
    a("PhotometricInterpretation", "00280004", S, "Meaning of the pixel values: MONOCHROME2, RGB, ...", "constant"),
    a("PlanarConfiguration", "00280006", I, "Colour by pixel (0) or by plane (1)", "constant"),
    a("BitsAllocated", "00280100", I, "Bits a sample takes", "constant", unit="bits"),
    a("BitsStored", "00280101", I, "Bits a sample uses", "constant", unit="bits"),
    a("HighBit", "00280102", I, "Most significant bit of a sample", "constant"),
    a("PixelRepresentation", "00280103", I, "0 unsigned, 1 two's complement", "constant"),
    a("PixelAspectRatio", "00280034", LS, "Vertical to horizontal size of a pixel, as written", "constant"),
    a("SmallestImagePixelValue", "00280106", I, "Smallest pixel value of the image", "minmax"),
    a("LargestImagePixelValue", "00280107", I, "Largest pixel value of the image", "minmax"),
    a("PixelPaddingValue", "00280120", I, "Value of pixels outside the image", "constant"),
    a("WindowCenter", "00281050", LF, "Centre of each display window", "first",
      also=(fg("00289132", "00281050"),)),
    a("WindowWidth", "00281051", LF, "Width of each display window", "first",
      also=(fg("00289132", "00281051"),)),
    a("RescaleIntercept", "00281052", F, "Added to rescaled pixel values", "varying",
      also=(fg("00289145", "00281052"),)),
    a("RescaleSlope", "00281053", F, "Factor of pixel values", "range",
      also=(fg("00289145", "00281053"),)),
    a("RescaleType", "00281054", S, "Unit of rescaled pixel values", "constant",
      also=(fg("00289145", "00281054"),)),
    a("ReconstructionDiameter", "00181100", F, "Diameter of the reconstructed field", "constant", unit="mm"),
)
