"""What rules can ask about: attributes of a series, under their keywords, and a few values of them.

Everything a rule may name is here with its kind: ``elements`` of a list, ``words`` of names, a
``text``, or a ``number``.  What depends on one row alone is made here, column by column.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ingest.mr import inputs
from ingest.mr.tokens import words

PROTON_MHZ_PER_T = 42.577
GAUSS_PER_T = 10000.0
TYPICAL_T1_MS = 1000.0
"""T1 of white and grey matter at 1.5-3 T: Stanisz 2005, Magn Reson Med 54:507."""
LARGEST_B = 50000.0

ELEMENTS: dict[str, tuple[str, ...]] = {
    "ImageType": ("ImageType",),
    "FrameType": ("FrameType",),
    "ImageTypes": ("ImageType_values", "ImageType", "FrameType"),
    "ScanningSequence": ("ScanningSequence",),
    "SequenceVariant": ("SequenceVariant",),
    "ScanOptions": ("ScanOptions",),
}
TEXTS: tuple[str, ...] = (
    "SOPClassUID", "EchoPulseSequence", "MRAcquisitionType", "AcquisitionContrast",
    "ComplexImageComponent", "SpectrallySelectedSuppression", "SpectrallySelectedExcitation",
    "InversionRecovery", "GeometryOfKSpaceTraversal", "SteadyStatePulseSequence",
    "MultipleSpinEcho", "EchoPlanarPulseSequence", "Spoiling", "PhaseContrast",
    "TimeOfFlightContrast", "T2Preparation", "MagnetizationTransfer", "DiffusionDirectionality",
    "ArterialSpinLabelingContrast", "AngioFlag", "ContrastBolusAgent", "ContrastBolusAgentCode",
    "ContrastBolusIngredient", "ContrastBolusRoute", "VolumetricProperties", "Manufacturer",
    "ImagedNucleus",
)  # fmt: skip
NUMBERS: tuple[str, ...] = (
    "EchoTime", "RepetitionTime", "InversionTime", "FlipAngle", "EchoTrainLength",
    "MagneticFieldStrength", "ImagingFrequency", "NumberOfTemporalPositions", "SliceThickness",
    "ContrastBolusVolume", "ContrastBolusTotalDose", "n_slice_positions", "n_instances",
    "csa_sDiffusion_lDiffDirections", "csa_sDiffusion_lDiffWeightings", "SpacingBetweenSlices",
    "NumberOfAverages", "Rows",
    "TemporalPositionIdentifier_max", "EchoNumbers",
)  # fmt: skip
MADE_TEXT = ("SequenceName",)
MADE_NUMBERS = (
    "b_max", "b_count", "echo_count", "echo_max", "echo_gap", "field", "ernst_ratio", "n_volumes",
    "te_tr", "odd_train", "mosaic", "named",
)  # fmt: skip
OF_STUDY = (
    "study_diffusion_timing", "study_first_echo", "study_mt", "study_volumes", "planes_differ",
    "study_mosaic", "study_multiband", "study_phase_difference", "study_inversions", "study_flips",
    "study_opposed",
)  # fmt: skip
"""What the other series of the study say (``study.py``)."""
OF_CLASS = ("sequenceClass", "weighting", "family", "dixonPart", "partOfComplex", "rule")
"""What earlier questions gave; later ones may ask about it."""

KINDS: dict[str, str] = {
    **dict.fromkeys(ELEMENTS, "elements"),
    "name": "words",
    "description": "words",
    "model": "words",
    "maker": "words",
    **dict.fromkeys((*TEXTS, *MADE_TEXT, *OF_CLASS), "text"),
    **dict.fromkeys((*NUMBERS, *MADE_NUMBERS, *OF_STUDY), "number"),
}
NAMES = ("SeriesDescription", "ProtocolName", "csa_tProtocolName")
SEQUENCE_NAMES = ("SequenceName", "PulseSequenceName", "csa_tSequenceFileName")
STANDARD_TERMS = {
    "ScanningSequence": r"\b(se|ir|gr|ep|rm)\b",
    "SequenceVariant": r"\b(sk|mtc|ss|trss|sp|mp|osp|none)\b",
}
"""PS3.3 C.8.3.1: one of them is in every value that is what it should be."""
B_VALUES = (
    ("DiffusionBValue", "DiffusionBValue_values", "frame_b_values", "b_value", "b_value_values"),
    ("csa_B_value", "csa_B_value_values"),
    ("ge_b_value", "ge_b_value_values"),
    ("philips_b_value", "philips_b_value_values"),
    ("uih_b_value", "uih_b_value_values"),
)
"""Best first; of each the values of all instances and frames."""
ECHO_TIMES = ("EchoTime", "EchoTime_values", "EffectiveEchoTime", "frame_echo_times")


def b_values(frame: pl.DataFrame) -> pl.Series:
    """All b-values of each series in s/mm2, ascending; NULL where there is none."""
    made = inputs.nothing("b", frame.height, pl.List(pl.Float64))
    for names in B_VALUES:
        found = inputs.distinct_numbers(frame, names)
        if found.null_count() == found.len():
            continue
        real = pl.element().filter((pl.element() >= 0) & (pl.element() <= LARGEST_B))
        found = found.list.eval(real)
        made = pl.DataFrame([made.alias("a"), found.alias("b")]).select(
            pl.coalesce("a", pl.when(pl.col("b").list.len() > 0).then(pl.col("b"))).alias("b")
        )["b"]
    return made.alias("diffusion_b_values")


def echo_times(frame: pl.DataFrame) -> pl.Series:
    """All echo times of each series in ms, ascending; NULL where there is none."""
    found = inputs.distinct_numbers(frame, ECHO_TIMES)
    if found.null_count() < found.len():
        found = found.list.eval(pl.element().filter(pl.element() > 0))
        found = found.to_frame("e").select(pl.when(pl.col("e").list.len() > 0).then("e"))["e"]
    return found.alias("echo_times_ms")


def sequence_names(frame: pl.DataFrame) -> pl.Series:
    r"""What the scanner runs, in small letters, several with a blank between.

    Of ``*tfl3d1_ns``, ``%SiemensSeq%\tfl`` and ``_tfl3d1`` the part that names the program stays.
    """
    parts = []
    for name in SEQUENCE_NAMES:
        if name in frame.columns:
            last = inputs.text(frame, name).str.to_lowercase().str.extract(r"([^\\/]+)$", 1)
            parts.append(last.str.replace(r"^[*_\s]+", "").alias(name))
    for name, terms in STANDARD_TERMS.items():  # some converters put the program's name there
        if name in frame.columns:
            kind = inputs.text(frame, name).str.to_lowercase().alias("k").to_frame()
            other = ~pl.col("k").str.contains(terms)
            parts.append(kind.select(pl.when(other).then("k").alias(name))[name])
    if not parts:
        return inputs.nothing("SequenceName", frame.height, pl.String)
    joined = pl.DataFrame(parts).select(
        pl.concat_str(pl.all(), separator=" ", ignore_nulls=True).alias("SequenceName")
    )
    return joined.select(pl.when(pl.col("SequenceName") != "").then(pl.col("SequenceName")))[
        "SequenceName"
    ]


EXAM_NAMED = r"(?i)^\s*(ge\b|toshiba|canon)"
"""Makers whose ProtocolName is that of the whole examination, the same in all of its series."""
OF_EXAM = "protocol_of_exam"


def told(frame: pl.DataFrame) -> pl.DataFrame:
    """What rules ask about texts, names of the series apart; ``frame`` has columns of ``TOLD``."""
    made = pl.DataFrame([
        _words(inputs.text(frame, "ManufacturerModelName")).alias("model"),
        _words(inputs.text(frame, "Manufacturer")).alias("maker"),
        sequence_names(frame),
        *(inputs.elements(frame, *sources).alias(name) for name, sources in ELEMENTS.items()),
        *(inputs.text(frame, name).alias(name) for name in TEXTS),
    ])  # fmt: skip
    return made.with_columns(
        ImageType=pl.coalesce("ImageType", "FrameType"),
        **{OF_EXAM: pl.col("Manufacturer").str.contains(EXAM_NAMED).fill_null(False)},
    )


def own_names(frame: pl.DataFrame, of_exam: pl.Series) -> pl.DataFrame:
    """The NAMES as texts, without a ProtocolName that is not of the series (``of_exam``) where the
    series has a name."""
    names = pl.DataFrame([inputs.text(frame, name) for name in NAMES])
    named = pl.col("SeriesDescription").is_not_null()
    return names.with_columns(pl.when(~(pl.lit(of_exam) & named)).then("ProtocolName"))


def prepare(frame: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """A column for every subject that depends on a row alone, and lists of b-values and echoes.

    ``texts`` are those of ``told``, row by row.
    """
    names = own_names(frame, texts[OF_EXAM])
    given = [name for name in NAMES if name in frame.columns]
    split = {n: _words(names[n]) for n in given if names[n].null_count() < names.height}
    none = pl.Series([" "]).new_from_index(0, frame.height)
    made = pl.DataFrame([
        _barred([names[name].fill_null("") for name in given]).alias("raw_name")
        if given else inputs.nothing("raw_name", frame.height, pl.String),
        (_barred([*split.values()]) if split else none).alias("name"),
        split.get("SeriesDescription", none).alias("description"),
        b_values(frame),
        echo_times(frame),
        *(inputs.number(frame, name).alias(name) for name in NUMBERS),
        inputs.number(frame, "n_frames_sum").alias("n_frames"),
        inputs.number(frame, "frame_positions").alias("frame_positions"),
        inputs.number(frame, "csa_NumberOfImagesInMosaic").alias("mosaic"),
    ])  # fmt: skip
    return _made(pl.concat([made, texts.drop(OF_EXAM)], how="horizontal"))


def _words(texts: pl.Series) -> pl.Series:
    return inputs.once(texts, words)


def _barred(texts: Sequence[pl.Series]) -> pl.Series:
    """Texts of several attributes, one at least, with a bar between them that no words cross."""
    given = pl.DataFrame([text.alias(str(i)) for i, text in enumerate(texts)])
    return given.select(text=pl.concat_str(pl.all(), separator="|"))["text"]


def _made(prepared: pl.DataFrame) -> pl.DataFrame:
    positive = ("EchoTime", "RepetitionTime", "InversionTime", "FlipAngle", "EchoTrainLength")
    strength = pl.col("MagneticFieldStrength")
    tesla = pl.when(strength >= 100).then(strength / GAUSS_PER_T).otherwise(strength)
    echoes, b = pl.col("echo_times_ms"), pl.col("diffusion_b_values")
    prepared = prepared.with_columns(
        *(pl.when(pl.col(name) > 0).then(pl.col(name)).alias(name) for name in positive),
        field=pl.when((tesla > 0) & (tesla < 30)).then(tesla),
        b_max=b.list.max(),
        b_count=b.list.len().cast(pl.Float64),
        echo_count=echoes.list.len().cast(pl.Float64),
        echo_max=echoes.list.max(),
    ).with_columns(
        EchoTime=pl.coalesce("EchoTime", echoes.list.min()),
        field=pl.coalesce("field", pl.col("ImagingFrequency") / PROTON_MHZ_PER_T),
    )
    ernst = (-pl.col("RepetitionTime") / TYPICAL_T1_MS).exp().arccos().degrees()
    return prepared.with_columns(
        ernst_ratio=pl.col("FlipAngle") / ernst,
        echo_gap=pl.col("echo_max") - pl.col("echo_times_ms").list.min(),
        te_tr=pl.col("EchoTime") / pl.col("RepetitionTime"),
        odd_train=pl.col("EchoTrainLength") % 2,
        named=pl.col("raw_name").str.contains(r"\w").cast(pl.Float64),
        n_volumes=volumes(),
    )


def volumes() -> pl.Expr:
    """Images per slice position: a mosaic is a volume, of an enhanced object frames are images."""
    images = pl.when(pl.col("n_frames") > 0).then("n_frames").otherwise("n_instances")
    positions = pl.max_horizontal("n_slice_positions", "frame_positions")
    return (
        pl.when(pl.col("mosaic") > 1)
        .then(pl.col("n_instances"))
        .when((positions > 0) & (images > 0))
        .then((images / positions).floor())
    )


TOLD: tuple[str, ...] = (
    *SEQUENCE_NAMES, "ManufacturerModelName",
    *(name for names in ELEMENTS.values() for name in names), *TEXTS,
)  # fmt: skip
"""The columns ``told`` looks at."""
DECIDING: tuple[str, ...] = (
    *NAMES, *TOLD, *(name for names in B_VALUES for name in names), *ECHO_TIMES, *NUMBERS,
    "n_frames_sum", "frame_positions", "csa_NumberOfImagesInMosaic",
)  # fmt: skip
"""All columns that decide; rows that agree in them get the same answer, which is found once."""
