"""Values that only private elements hold: Siemens CSA headers and protocols, b-values of the others.

The names are the vendors' own, prefixed where they would clash with a DICOM keyword.
"""

from __future__ import annotations

from ingest.schema.attributes.notation import LF, F, I, S
from ingest.schema.attributes.notation import attribute as a
from ingest.schema.records import Column

P = "MrPhoenixProtocol/"

PRIVATE: tuple[Column, ...] = (
    a("csa_B_value", "CSA B_value", F, "Siemens: b-value", "varying", unit="s/mm2",
      also=("(0019,xx0C) SIEMENS MR HEADER",)),
    a("csa_DiffusionGradientDirection", "CSA DiffusionGradientDirection", LF, "Siemens: direction of the diffusion gradient",
      "first", also=("(0019,xx0E) SIEMENS MR HEADER",)),
    a("csa_PhaseEncodingDirectionPositive", "CSA PhaseEncodingDirectionPositive", I,
      "Siemens: 1 when the phase encoding runs with the row or column", "constant",
      also=("(0021,xx1C) SIEMENS MR SDI 02",)),
    a("csa_BandwidthPerPixelPhaseEncode", "CSA BandwidthPerPixelPhaseEncode", F,
      "Siemens: bandwidth per pixel along the phase encoding", "constant", unit="Hz/pixel",
      also=("(0019,xx28) SIEMENS MR HEADER", "(0021,xx53) SIEMENS MR SDI 02")),
    a("csa_NumberOfImagesInMosaic", "CSA NumberOfImagesInMosaic", I, "Siemens: slices in a mosaic image", "constant",
      unit="slices", also=("(0019,xx0A) SIEMENS MR HEADER",)),
    a("csa_MosaicRefAcqTimes", "CSA MosaicRefAcqTimes", LF, "Siemens: acquisition time of each slice of a mosaic",
      "first", unit="ms", also=("(0019,xx29) SIEMENS MR HEADER",)),
    a("csa_SliceNormalVector", "CSA SliceNormalVector", LF, "Siemens: direction of the slice normal", "first"),
    a("csa_RealDwellTime", "CSA RealDwellTime", F, "Siemens: dwell time of a sample", "constant", unit="ns",
      also=("(0019,xx18) SIEMENS MR HEADER", "(0021,xx42) SIEMENS MR SDS 01")),
    a("csa_SliceMeasurementDuration", "CSA SliceMeasurementDuration", F, "Siemens: time to measure a slice", "range",
      unit="ms", also=("(0019,xx0B) SIEMENS MR HEADER",)),
    a("csa_ImaCoilString", "CSA ImaCoilString", S, "Siemens: coil elements of the image", "constant",
      also=("(0051,xx0F) SIEMENS MR HEADER", "(0021,xx4F) SIEMENS MR SDI 02")),
    a("csa_UsedChannelString", "CSA UsedChannelString", S, "Siemens: receiver channels in use", "constant"),
    a("csa_tProtocolName", f"CSA {P}tProtocolName", S, "Siemens protocol: name", "constant"),
    a("csa_tSequenceFileName", f"CSA {P}tSequenceFileName", S, "Siemens protocol: sequence file", "constant"),
    a("csa_alTR_us", f"CSA {P}alTR[0]", F, "Siemens protocol: first repetition time", "constant", unit="us"),
    a("csa_alTE_us", f"CSA {P}alTE[0]", F, "Siemens protocol: first echo time", "constant", unit="us"),
    a("csa_alTI_us", f"CSA {P}alTI[0]", F, "Siemens protocol: first inversion time", "constant", unit="us"),
    a("csa_adFlipAngleDegree", f"CSA {P}adFlipAngleDegree[0]", F, "Siemens protocol: first flip angle", "constant",
      unit="degrees"),
    a("csa_sPat_lAccelFactPE", f"CSA {P}sPat.lAccelFactPE", F, "Siemens protocol: acceleration along phase", "constant"),
    a("csa_sPat_lAccelFact3D", f"CSA {P}sPat.lAccelFact3D", F, "Siemens protocol: acceleration along partitions",
      "constant"),
    a("csa_sSliceArray_lSize", f"CSA {P}sSliceArray.lSize", I, "Siemens protocol: number of slices", "constant",
      unit="slices"),
    a("csa_sKSpace_lBaseResolution", f"CSA {P}sKSpace.lBaseResolution", I, "Siemens protocol: base resolution",
      "constant", unit="pixels"),
    a("csa_sKSpace_lPhaseEncodingLines", f"CSA {P}sKSpace.lPhaseEncodingLines", I, "Siemens protocol: phase lines",
      "constant"),
    a("csa_sKSpace_lPartitions", f"CSA {P}sKSpace.lPartitions", I, "Siemens protocol: partitions", "constant"),
    a("csa_sKSpace_ucDimension", f"CSA {P}sKSpace.ucDimension", I, "Siemens protocol: 2 for 2D, 4 for 3D", "constant"),
    a("csa_sKSpace_ucPhasePartialFourier", f"CSA {P}sKSpace.ucPhasePartialFourier", I,
      "Siemens protocol: code of the partial Fourier factor", "constant"),
    a("csa_sDiffusion_lDiffDirections", f"CSA {P}sDiffusion.lDiffDirections", I, "Siemens protocol: diffusion directions",
      "constant"),
    a("csa_sDiffusion_lDiffWeightings", f"CSA {P}sDiffusion.lDiffWeightings", I, "Siemens protocol: number of b-values",
      "constant"),
    a("csa_sDiffusion_ulMode", f"CSA {P}sDiffusion.ulMode", I, "Siemens protocol: code of the diffusion mode", "constant"),
    a("ge_b_value", "CSA b_value", F, "GE: b-value", "varying", unit="s/mm2"),
    a("philips_b_value", "(2001,xx03) PHILIPS IMAGING DD 001", F, "Philips: b-value", "varying", unit="s/mm2"),
    a("philips_scale_slope", "(2005,xx0E) PHILIPS MR IMAGING DD 001", F, "Philips: slope to the original values", "range"),
    a("philips_scale_intercept", "(2005,xx0D) PHILIPS MR IMAGING DD 001", F, "Philips: intercept to the original values",
      "range"),
    a("uih_b_value", "(0065,xx09) UNITED IMAGING HEALTHCARE", F, "UIH: b-value", "varying", unit="s/mm2",
      also=("(0065,xx09) IMAGE PRIVATE HEADER",)),
)
