"""``mr_cleaned``: one clean row for an MR series; the first 14 columns are a contract with scripts.

Their names and order never change.  What follows them is Taglake's own and may only grow.
"""

from __future__ import annotations

import polars as pl

from ingest.schema.attributes.notation import LF, B, F, I, S
from ingest.schema.records import Column


def _column(name: str, dtype: pl.DataType, description: str, source: str, unit: str = "") -> Column:
    return Column(name, dtype, description, unit, (source,), "series")


MR_CONTRACT: tuple[Column, ...] = (
    _column("protocolName_lower", S, "ProtocolName in small letters", "ProtocolName, else SeriesDescription"),
    _column("imageType_lower", S, "ImageType in small letters, joined by a backslash", "ImageType, else FrameType"),
    _column("standardOrientation", S, "AX, SAG, COR, OBL or UNKNOWN",
            "slice normal of ImageOrientationPatient; OBL from orientation.oblique_degrees; else a word of the name"),
    _column("standardDimension", S, "2D, 3D or NULL", "MRAcquisitionType"),
    _column("isFatSuppressed", B, "Whether the signal of fat is suppressed", "rules/fat_suppression.toml"),
    _column("isContrastEnhanced", B, "Whether contrast agent was given; NULL where nothing tells", "rules/contrast.toml"),
    _column("hasMotionCorrection", B, "Whether k-space is read so that motion can be corrected (propeller, blade, radial, star)",
            "GeometryOfKSpaceTraversal, SequenceName, words of the name"),
    _column("refinedImageType", S, "DERIVED, LOCALIZER, ORIGINAL or OTHER", "ImageType and the class"),
    _column("standardFieldStrength", S, "Low-Field (< 1 T), 1.5T (< 2 T), 3.0T (< 4 T) or High-Field",
            "MagneticFieldStrength, else ImagingFrequency / 42.577 MHz/T of 1H"),
    _column("standardManufacturer", S, "Siemens, Philips, GE, UIH, Anke, Canon, Fujifilm, Hitachi, Mindray, Shimadzu or Other",
            "words of Manufacturer, rules/manufacturer.toml"),
    _column("cleanedModelName", S, "Model without the maker's name and doubled blanks", "ManufacturerModelName"),
    _column("sequenceClass", S, "Kind of the series; UNKNOWN where the evidence does not decide", "rules/class_*.toml, the first that applies"),
    _column("dynamicGroup", I, "Number of the dynamic group in its study; NULL outside of one",
            "series of the same geometry, class, TR, TE, flip angle and thickness with evidence of contrast agent or of phases"),
    _column("dynamicPhase", S, "PRE, POST_1, POST_2, ... or POST_PROPAGATED; of a series that holds several (n_phases) the first; "
            "NULL in a group where it holds that of before the agent, too", "order of acquisition in the group"),
)  # fmt: skip
"""Existing users' scripts read these: exact names, exact order."""

MR_OWN: tuple[Column, ...] = (
    _column("sequenceFamily", S, "GRE, GRE_SPOILED, GRE_STEADY_STATE, SE, TSE, SE_SingleShot, EPI or NULL", "rules/family.toml"),
    _column("contrastWeighting", S, "T1, T2, PD, T2*, T2_FLAIR, DIFFUSION, BOLD, ... or NULL", "the rule that decided the class"),
    _column("classConfidence", F, "Share of series that such evidence classed rightly, 0 to 1", "rules/confidence.toml"),
    _column("classReason", S, "The rule that decided, and the attributes with their values", "rule: attribute=value, ..."),
    _column("isDerivedImage", B, "Whether the image was computed from other images", "ImageType, classes that are computed"),
    _column("dixonPart", S, "WATER, FAT, INPHASE, OUTPHASE, FATFRACTION or NULL", "ImageType; words of the name"),
    _column("partOfComplex", S, "magnitude, phase, real or imaginary", "ComplexImageComponent, ImageType"),
    _column("diffusion_b_values", LF, "b-values, ascending", "DiffusionBValue and the vendors' elements", "s/mm2"),
    _column("echo_times_ms", LF, "Echo times, ascending", "EchoTime of all instances and frames", "ms"),
    _column("n_volumes", I, "Volumes: images / slice positions", "n_frames_sum / n_slice_positions", "volumes"),
    _column("bids_datatype", S, "Folder BIDS would keep it in: anat, func, dwi, fmap, perf; NULL where it would not", "rules/bids.toml"),
    _column("bids_suffix", S, "Suffix BIDS would give it: T1w, bold, ...", "rules/bids.toml"),
    _column("bids_entities", S, "Entities BIDS would give it, as ce-agent_part-phase", "rules/bids.toml"),
    _column("obliquity_degrees", F, "Angle between the slice normal and the nearest axis", "acos(largest component of the slice normal)", "degrees"),
    _column("fatSuppressionReason", S, "The rule that decided isFatSuppressed, and the attributes with their values", "rules/fat_suppression.toml"),
    _column("contrastReason", S, "The rule that decided isContrastEnhanced, and the attributes with their values", "rules/contrast.toml"),
    _column("orientationReason", S, "What decided standardOrientation: the attribute with its value", "rules/orientation.toml"),
    _column("n_phases", I, "Phases that the series holds itself: time points; NULL where nothing tells",
            "TemporalPositionIndex of frames, TemporalPositionIdentifier or NumberOfTemporalPositions, where there are so many "
            "volumes; of T1 else volumes that differ in TriggerTime or AcquisitionNumber"),
)  # fmt: skip

MR_CLEANED: tuple[Column, ...] = (*MR_CONTRACT, *MR_OWN)
"""What ``ingest.mr.classify`` gives, in this order."""
