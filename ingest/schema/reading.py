"""The tables an ingest writes besides ``instances``: what was seen, and every element of it.

Elements are stored factored: ``header_elements`` holds what the instances that share a header have
in common, once; ``instance_elements`` what varies from instance to instance; ``element_keys`` says
once per part what element a row is about.  The view ``elements`` joins them.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from ingest.schema.attributes.notation import LF, LI, TS, B, F, I, S, T
from ingest.schema.instances import HEADER_ID, INSTANCE_ID
from ingest.schema.records import Column, Table

FILE_ID = replace(
    INSTANCE_ID, name="file_id", description="Surrogate key of the file", level="file",
    source=("number of the part times 2^32 plus the row in it",),
)  # fmt: skip
RUN_ID = Column("run_id", S, "The ingest run that read it", level="run", stable=False)

FILES = Table(
    name="files",
    row="file or archive member seen",
    description="Every file that was seen, with what became of it. Nothing that was seen is missing.",
    columns=(
        FILE_ID,
        RUN_ID,
        Column("uri", S, "Path of the file; of a member: archive!/member", level="file", phi=True),
        Column("container", S, "Path of the archive the file is a member of", level="file", phi=True),
        Column("size", I, "Size", "bytes", level="file"),
        Column("mtime", I, "Time of the last change; of a member: of its archive", "ns since 1970", level="file"),
        Column("status", S, "ok, duplicate, not_dicom or error", level="file"),
        Column("reason", S, "Why it is not ok, or NULL", level="file"),
        Column("SOPInstanceUID", S, "The instance in it, or NULL", level="file"),
    ),
    key=("file_id",),
    stored="batch",
)  # fmt: skip

CONTAINERS = Table(
    name="containers",
    row="archive that was read to its end",
    description="An unchanged archive is not opened again: its members are known to be all there.",
    columns=(
        RUN_ID,
        Column("uri", S, "Path of the archive", level="file", phi=True),
        Column("size", I, "Size", "bytes", level="file", phi=True),
        Column("mtime", I, "Time of the last change", "ns since 1970", level="file", phi=True),
        Column("members", I, "Files seen in it", "files", level="file", phi=True),
    ),
    key=("uri",),
    stored="batch",
)

HEADERS = Table(
    name="headers",
    row="header shared by instances of a series",
    description="What the instances of a series have in common is stored once; this is its key.",
    columns=(
        HEADER_ID,
        Column("SeriesInstanceUID", S, "The series", level="element", stable=False),
        Column("n_constant", I, "Elements all its instances share", "elements", level="element", stable=False),
        Column("n_varying", I, "Elements stored per instance", "elements", level="element", stable=False),
        Column("private_fingerprint", S,
               "SHA-256 over creator, group, offset and value hash of the private elements it shares",
               level="element", stable=False),
    ),
    key=("header_id",),
    stored="batch",
)  # fmt: skip

KEY_ID = Column(
    "key_id", I, "Surrogate key of path, tag, VR and creator", level="element", stable=False
)

KEY = (
    Column("path", S, "Where the element stands: tags of sequences with item numbers, joined by dots; "
           "/NAME for a value decoded from a private element", level="element"),
    Column("tag", S, "Group and element, 8 hexadecimal digits", level="element"),
    Column("keyword", S, "DICOM keyword, NULL for private elements", level="element"),
    Column("name", S, "Name in the dictionary of the standard or of the vendor", level="element"),
    Column("creator", S, "Private creator, NULL where there is none", level="element"),
    Column("vr", S, "Value representation", level="element"),
    Column("private_class", S, "pipeline_provenance, rt_provenance, vendor_semantic, vendor_raw or "
           "unknown_binary; NULL for standard elements", level="element"),
)  # fmt: skip

VALUE = (
    Column("text", S, "The value as text, several joined by a backslash", level="element"),
    Column(
        "number",
        F,
        "The first value, where it is a number; the number of items of a sequence",
        level="element",
    ),
    Column("byte_length", I, "Length of a binary value", "bytes", level="element"),
    Column("sha256", S, "SHA-256 of a binary value", level="element"),
)

ELEMENT_KEYS = Table(
    name="element_keys",
    row="kind of element in a part",
    description="What an element row is about: path, tag, names, creator and VR.",
    columns=(KEY_ID, *KEY),
    key=("key_id",),
    stored="batch",
)
HEADER_ELEMENTS = Table(
    name="header_elements",
    row="element all instances of a header share",
    description="Elements that are the same in all instances of a header.",
    columns=(HEADER_ID, KEY_ID, *VALUE),
    key=("header_id", "key_id"),
    stored="batch",
)
INSTANCE_ELEMENTS = Table(
    name="instance_elements",
    row="element that varies between the instances of a header",
    description="Elements that vary between the instances of a header.",
    columns=(INSTANCE_ID, KEY_ID, *VALUE),
    key=("instance_id", "key_id"),
    stored="batch",
)
ELEMENTS = Table(
    name="elements",
    row="element of the header of an instance",
    description="All elements of all instances, nested, private and decoded ones included.",
    columns=(
        Column("SOPInstanceUID", S, "The instance"),
        Column("SeriesInstanceUID", S, "Its series"),
        INSTANCE_ID,
        HEADER_ID,
        Column("varies", B, "False where the value is stored once for all instances of the header",
               level="element", stable=False),
        *KEY,
        *VALUE,
    ),
    key=("instance_id", "path"),
    stored="view",
)  # fmt: skip

FRAMES = Table(
    name="frames",
    row="frame of a multi-frame instance with functional groups",
    description="What varies by frame in enhanced objects: position, orientation, timing, contrast.",
    columns=(
        INSTANCE_ID,
        Column("frame", I, "Number of the frame, from 1", level="frame"),
        Column("ImagePositionPatient", LF, "Centre of the first voxel", "mm", ("FG 00209113/00200032",), "frame"),
        Column("ImageOrientationPatient", LF, "Direction of rows and columns", "", ("FG 00209116/00200037",), "frame"),
        Column("FrameAcquisitionDateTime", TS, "When the frame was acquired", "", ("FG 00209111/00189074",),
               "frame"),
        Column("FrameReferenceDateTime", TS, "Reference time of the frame", "", ("FG 00209111/00189151",),
               "frame"),
        Column("FrameAcquisitionDuration", F, "Duration of the frame", "ms", ("FG 00209111/00189220",), "frame"),
        Column("StackID", S, "Stack of the frame", "", ("FG 00209111/00209056",), "frame"),
        Column("InStackPositionNumber", I, "Position in the stack", "", ("FG 00209111/00209057",), "frame"),
        Column("TemporalPositionIndex", I, "Time point", "", ("FG 00209111/00209128",), "frame"),
        Column("DimensionIndexValues", LI, "Index along each dimension", "", ("FG 00209111/00209157",), "frame"),
        Column("NominalCardiacTriggerDelayTime", F, "Delay from the trigger", "ms", ("FG 00189118/00209153",), "frame"),
        Column("FrameType", pl.List(pl.String), "Image type of the frame", "",
               ("FG 00189226/00089007", "FG 00189329/00089007", "FG 00189732/00089007"), "frame"),
        Column("ComplexImageComponent", S, "MAGNITUDE, PHASE, REAL, IMAGINARY", "", ("FG 00189226/00089208",), "frame"),
        Column("AcquisitionContrast", S, "Contrast of the frame", "", ("FG 00189226/00089209",), "frame"),
        Column("RepetitionTime", F, "Time between excitations", "ms", ("FG 00189112/00180080",), "frame"),
        Column("EchoTime", F, "Effective echo time", "ms", ("FG 00189114/00189082",), "frame"),
        Column("InversionTime", F, "Inversion time", "ms", ("FG 00189115/00189079",), "frame"),
        Column("FlipAngle", F, "Flip angle", "degrees", ("FG 00189112/00181314",), "frame"),
        Column("b_value", F, "b-value", "s/mm2", ("FG 00189117/00189087",), "frame"),
        Column("DiffusionGradientOrientation", LF, "Direction of the diffusion gradient", "",
               ("FG 00189117/00189076/00189089",), "frame"),
        Column("SliceThickness", F, "Slice thickness", "mm", ("FG 00289110/00180050",), "frame"),
        Column("PixelSpacing", LF, "Distance between rows, between columns", "mm", ("FG 00289110/00280030",), "frame"),
        Column("RescaleSlope", F, "Factor of pixel values", "", ("FG 00289145/00281053",), "frame"),
        Column("RescaleIntercept", F, "Added to pixel values", "", ("FG 00289145/00281052",), "frame"),
        Column("slice_position_mm", F, "Position along the slice normal", "mm",
               ("dot product of ImagePositionPatient and the slice normal",), "frame"),
    ),
    key=("instance_id", "frame"),
    stored="batch",
)  # fmt: skip

RADIOPHARMACEUTICALS = Table(
    name="radiopharmaceuticals",
    row="item of RadiopharmaceuticalInformationSequence",
    description="All radiopharmaceuticals of a header; instances hold the first.",
    columns=(
        HEADER_ID,
        Column("item", I, "Number of the item, from 1"),
        Column(
            "Radiopharmaceutical", S, "Radiopharmaceutical", "", ("00180031", "00540304/00080104")
        ),
        Column("RadiopharmaceuticalCode", S, "As code", "", ("00540304/00080100",)),
        Column("Radionuclide", S, "Radionuclide", "", ("00540300/00080104",)),
        Column("RadionuclideCode", S, "Radionuclide, as code", "", ("00540300/00080100",)),
        Column("RadionuclideTotalDose", F, "Activity given, as written", "Bq", ("00181074",)),
        Column("RadionuclideHalfLife", F, "Half-life", "s", ("00181075",)),
        Column("RadiopharmaceuticalStartDateTime", TS, "Injection", "", ("00181078",)),
        Column("RadiopharmaceuticalStartTime", T, "Injection time", "", ("00181072",)),
        Column("RadiopharmaceuticalVolume", F, "Volume given", "ml", ("00181071",)),
        Column("RadiopharmaceuticalRoute", S, "How it was given", "", ("00181070",)),
    ),
    key=("header_id", "item"),
    stored="batch",
)

PROBLEMS = Table(
    name="problems",
    row="oddity met while reading",
    description="What was odd in a header, for all its instances (instance_id NULL) or one of them; "
    "findings are made of these.",
    columns=(
        replace(INSTANCE_ID, description="The instance, or NULL for all of a header"),
        HEADER_ID,
        Column("rule", S, "Rule that noticed it", level="element"),
        Column("path", S, "Element it is about", level="element"),
        Column("expected", S, "What a correct value looks like", level="element"),
        Column(
            "observed", S, "What was found; NULL where that may identify somebody", level="element"
        ),
    ),
    key=(),
    stored="batch",
)
