"""From a frame of series to the cleaned columns: the steps, in order.

Rows that agree in everything that decides are one row while rules are asked; only the geometry, the
study and time belong to a row alone.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import polars as pl

from ingest.different import each, numbered, rows_at
from ingest.mr import bids, by_hand, dynamic, orientation
from ingest.mr import inputs as given_as
from ingest.mr import study as around
from ingest.mr.conditions import tree
from ingest.mr.config import DEFAULT, Config
from ingest.mr.deciding import first, given, reasons, with_facts, with_tests, with_thresholds
from ingest.mr.records import Rule, Rules, shipped
from ingest.mr.study import evidence, flags, planes_differ
from ingest.mr.subjects import DECIDING, KINDS, TOLD, prepare, told
from ingest.schema.mr import MR_CLEANED

POSITIVE = "csa_PhaseEncodingDirectionPositive"
READ: tuple[str, ...] = tuple(dict.fromkeys((
    *DECIDING, *dynamic.READ, *around.READ,
    "ImageOrientationPatient", "slice_normal", "InPlanePhaseEncodingDirection", POSITIVE,
    by_hand.COLUMN,
)))  # fmt: skip
"""The columns ``classify`` looks at; every one of them may be missing."""
AT_ONCE = 200_000
"""Series that are classed together: what bounds memory."""
TOGETHER = 2
"""Parts that are classed at the same time, so that what is done by one thread leaves none idle."""
KEPT = (
    "name", "raw_name", "maker", "ImageType", "MRAcquisitionType", "band", "EchoTime", "b_max",
    "diffusion_b_values", "echo_times_ms", "echo_count", "n_volumes", "study_first_echo",
    "sequenceClass", "weighting", "contrast", "fmap", "class_suffix", "confidence", "said_computed",
    "family", "dixonPart", "partOfComplex", "corrected", "computed", "mt_said",
    by_hand.GIVEN,
)  # fmt: skip
"""What columns are made of, of all that was decided and asked."""
MAKER = r"(?i)^\s*(siemens|philips|ge medical systems|ge|uih|canon|toshiba)[\s_]+"
DISCOUNT = 0.05
"""What an untried rule is less sure than its author thought."""
NEEDED = Rule("columns", {}, all=tree(["computed", "mt_said"], KINDS))
"""Facts that columns beside the class are made of."""


def classify(frame: pl.DataFrame, config: Config = DEFAULT) -> pl.DataFrame:
    """The columns ``MR_CLEANED`` for each row of ``frame``, in its order.

    ``frame`` has MR series as rows and DICOM keywords as columns (``READ``), of any type; several
    values are lists or joined by backslashes.  Dynamic groups need StudyInstanceUID.  A class that
    ``correctedClass`` gives takes the place of that of the rules.  It never raises because of a
    value: what cannot be read counts as missing.
    """
    height = frame.height
    frame = frame.select(name for name in READ if name in frame.columns)
    if not frame.width:  # a frame without columns has no rows either
        frame = given_as.nothing("StudyInstanceUID", height, pl.String).to_frame()
    if not height:
        return pl.DataFrame(schema={column.name: column.dtype for column in MR_CLEANED})
    if height <= AT_ONCE:
        return _classed(frame, config)
    parts = _parts(frame)
    with ThreadPoolExecutor(TOGETHER) as pool:  # Polars works outside of Python's lock
        made = pl.concat(pool.map(lambda rows: _classed(frame[rows], config), parts))
    if isinstance(parts[0], slice):
        return made
    order = pl.concat(parts)
    return made if order.is_sorted() else made[order.arg_sort()]


def _parts(frame: pl.DataFrame) -> list[slice] | list[pl.Series]:
    """The rows of parts of about equal size; nothing passes from study to study, so a study is in
    one, and a row without a study is alone. Where the rows of each study are together, as they
    mostly are, no row has to be moved."""
    study, height = given_as.text(frame, "StudyInstanceUID"), frame.height
    n_parts = TOGETHER * -(-height // (TOGETHER * AT_ONCE))  # none is left to be classed alone
    runs = (study.ne_missing(study.shift(1)) | study.is_null()).cum_sum()
    if study.drop_nulls().n_unique() + study.null_count() == runs[-1]:
        cuts = [
            int(runs.search_sorted(runs[height * i // n_parts - 1], side="right"))
            for i in range(1, n_parts)
        ]
        edges = sorted({0, *cuts, height})
        return [slice(*edge) for edge in pairwise(edges)]
    alone = pl.int_range(height, dtype=pl.UInt64, eager=True)
    part = study.hash().zip_with(study.is_not_null(), alone) % n_parts
    parts = [(part == i).arg_true() for i in range(n_parts)]
    return [p for p in parts if p.len()]


def _classed(frame: pl.DataFrame, config: Config) -> pl.DataFrame:
    rules = config.rules
    code, representatives = numbered(frame, (*DECIDING, by_hand.COLUMN))
    kinds = rows_at(frame, representatives)
    texts = each(kinds, TOLD, lambda some: with_tests(told(some), rules))
    prepared = with_tests(with_thresholds(prepare(kinds, texts), rules), rules)
    prepared = prepared.with_columns(given_as.text(kinds, by_hand.COLUMN).alias(by_hand.GIVEN))
    study = given_as.text(frame, "StudyInstanceUID")
    found = rows_at(evidence(prepared, rules), code)
    flagged = flags(study, found, given_as.number(frame, POSITIVE)).with_columns(
        planes_differ(frame)
    )
    code, rows_of = _with_flags(code, flagged)
    decided = _decide(
        pl.concat([rows_at(prepared, rows_of["code"]), rows_of.drop("code")], how="horizontal"),
        rules,
    )
    return _whole(frame, decided, code, config)


def _with_flags(code: pl.Series, around: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
    rows = pl.concat([code.alias("code").to_frame(), around], how="horizontal")
    made, at = numbered(rows, rows.columns)
    return made, rows[at]


def _decide(prepared: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """All questions but those that need other rows, for each different row."""
    made: dict[str, pl.Series] = {}
    for question, key, into, dtype in (
        ("family", "family", "family", pl.String()),
        ("dixon", "dixon", "dixonPart", pl.String()),
        ("part", "part", "partOfComplex", pl.String()),
        ("motion", "corrected", "corrected", pl.Boolean()),
    ):
        prepared, at = first(prepared, rules, question)
        prepared = prepared.with_columns(
            given(at, rules.rules[question], key).cast(dtype).alias(into)
        )
    prepared, at = first(prepared, rules, "class")
    prepared = with_facts(prepared, rules, [NEEDED])
    prepared = prepared.with_columns(_classes(prepared, at, rules))
    made["class_reason"] = reasons(prepared, at, rules, "class")
    prepared = by_hand.following(prepared, rules.tables["classes"])
    for question, key in (("fat", "suppressed"), ("contrast", "enhanced")):
        prepared, at = first(prepared, rules, question)
        made[key] = given(at, rules.rules[question], key).cast(pl.Boolean)
        made[f"{question}_reason"] = reasons(prepared, at, rules, question)
    prepared, at = first(prepared, rules, "bids")
    for key in ("datatype", "suffix"):
        made[f"bids_{key}"] = given(at, rules.rules["bids"], key).cast(pl.String)
    return prepared.select(KEPT).with_columns(
        column.alias(name) for name, column in made.items() if name not in KEPT
    )


def _classes(prepared: pl.DataFrame, at: pl.Series, rules: Rules) -> list[pl.Series]:
    asked = rules.rules["class"]
    table = pl.DataFrame({
        "rule": [rule.id for rule in asked],
        "confidence": [_confidence(rule.id, rule.prior, rules) for rule in asked],
        **{
            key: pl.Series([rule.gives.get(key) for rule in asked], dtype=pl.String)
            for key in ("class", "weighting", "contrast", "fmap", "suffix")
        },
        "computed": [bool(rule.gives.get("computed", False)) for rule in asked],
    })  # fmt: skip
    found = table[at.cast(pl.UInt32)] if at.null_count() == 0 else pl.DataFrame([
        table[name].gather(at.cast(pl.UInt32)) for name in table.columns
    ])  # fmt: skip
    found = pl.concat(
        [found, prepared.select("family", "dixonPart", "corrected")], how="horizontal"
    )
    kind = pl.coalesce(
        "class",
        pl.concat_str(
            pl.when(pl.col("weighting") == "MT").then(pl.lit("PD")).otherwise("weighting"),
            pl.col("family"), separator="_", ignore_nulls=False,
        ),
        pl.col("weighting").replace({"MT": "UNKNOWN"}),
        pl.lit("UNKNOWN"),
    )  # fmt: skip
    made = found.select(
        sequenceClass=kind,
        weighting=pl.col("weighting"),
        contrast=pl.col("contrast"),
        fmap=pl.col("fmap"),
        class_suffix=pl.col("suffix"),
        rule=pl.col("rule"),
        confidence=pl.when(kind != "UNKNOWN").then("confidence").otherwise(0.0),
        said_computed=pl.col("computed").fill_null(False),
    )
    return made.get_columns()


def _confidence(rule: str, prior: float, rules: Rules) -> float:
    known = rules.confidence.get(rule, {}).get("confidence")
    if known is not None:
        return float(known)
    own = all(rule != one.id for one in shipped().rules["class"])
    return prior if own else untried(prior)  # a databank's own rule is as sure as it says


def untried(prior: float) -> float:
    """The confidence of a rule that no labelled series tested: less than its author thinks."""
    return max(prior - DISCOUNT, 0.0)


def _whole(
    frame: pl.DataFrame, decided: pl.DataFrame, code: pl.Series, config: Config
) -> pl.DataFrame:
    rules = config.rules
    geometry = orientation.orientation(frame, rules.thresholds["oblique_squared"])
    # names are asked only where there is no geometry
    asked = code.filter(geometry["plane"].is_null()).unique()
    planes = orientation.named(decided["name"][asked], rules.tables["orientation"])
    named = given_as.nothing("named_plane", decided.height, pl.String).scatter(asked, planes)
    rows = rows_at(decided.with_columns(named), code)
    with_plane = pl.concat([rows, geometry], how="horizontal").with_columns(
        dynamic.counted(frame, rows)
    )
    phases = dynamic.phases(frame, with_plane, propagate=config.propagate)
    rows = pl.concat([with_plane, phases], how="horizontal")
    makers = rules.tables["manufacturer"]
    maker = orientation.named(decided["maker"], makers)[code].fill_null("Other")
    names = {name: given_as.text(frame, name) for name in ("ProtocolName", "SeriesDescription")}
    rows = rows.with_columns(
        maker.alias("standardManufacturer"),
        pl.coalesce(names["ProtocolName"], names["SeriesDescription"]).alias("protocol"),
        given_as.text(frame, "ManufacturerModelName").alias("model_name"),
        given_as.number(frame, "EchoNumbers").alias("echo_number"),
        given_as.text(frame, "InPlanePhaseEncodingDirection").alias("axis"),
        given_as.number(frame, POSITIVE).alias("positive"),
    )
    rows = rows.with_columns(
        encoded=bids.encoded(pl.col("axis"), pl.col("positive"), pl.col("plane")),
        inversion_number=bids.inversion_number(),
    )
    return _columns(rows)


def _columns(rows: pl.DataFrame) -> pl.DataFrame:
    derived = _has("DERIVED") | pl.col("said_computed")
    localizer = pl.col("sequenceClass") == "LOCALIZER"
    image_type = pl.col("ImageType")
    suffixed = pl.col("weighting").is_in(["T1", "T2", "PD"]) & (pl.col("family").is_not_null())
    enhanced = (
        pl.when(pl.col("after").is_in(["contrast.dynamic_group", "contrast.later_in_study"]))
        .then(True).when(pl.col("after") == "contrast.before_agent").then(False)
        .otherwise(pl.col("enhanced"))
    )  # fmt: skip
    diffusion = pl.col("sequenceClass").is_in(["DWI", "DTI", "ADC", "FA_MAP"])
    given = pl.col(by_hand.GIVEN)
    rows = rows.with_columns(
        sequenceClass=pl.when(given.is_not_null()).then(given).when(suffixed).then(
            pl.concat_str(
                "sequenceClass",
                pl.when(pl.col("dixonPart").is_in(["WATER", "FAT", "INPHASE", "OUTPHASE"]))
                .then(pl.lit("_") + pl.col("dixonPart")).fill_null(""),
                pl.when((pl.col("echo_number") >= 2) & (pl.col("echo_count") == 1))
                .then(pl.lit("_ECHO") + pl.col("echo_number").cast(pl.Int64).cast(pl.String))
                .fill_null(""),
                pl.when(pl.col("corrected").cast(pl.Boolean).fill_null(False))
                .then(pl.lit("_MC")).otherwise(pl.lit("")),
            )
        ).otherwise("sequenceClass"),
    )  # fmt: skip
    proposed = bids.columns(rows, derived, enhanced)
    dimension = {said: said.upper() for said in ("2D", "3D", "2d", "3d")}
    made = rows.select(
        protocolName_lower=pl.col("protocol").str.to_lowercase(),
        imageType_lower=image_type.str.strip_chars("\\").str.to_lowercase(),
        standardOrientation=pl.coalesce("plane", "named_plane", pl.lit("UNKNOWN")),
        standardDimension=pl.col("MRAcquisitionType").replace_strict(dimension, default=None),
        isFatSuppressed=pl.col("suppressed").fill_null(False),
        isContrastEnhanced=enhanced,
        hasMotionCorrection=pl.col("corrected").cast(pl.Boolean).fill_null(False),
        refinedImageType=pl.when(localizer)
        .then(pl.lit("LOCALIZER"))
        .when(derived)
        .then(pl.lit("DERIVED"))
        .when(_has("ORIGINAL"))
        .then(pl.lit("ORIGINAL"))
        .otherwise(pl.lit("OTHER")),
        standardFieldStrength=pl.when(pl.col("band").is_not_null()).then(pl.col("band")),
        cleanedModelName=given_as.once(rows["model_name"], _cleaned_model),
        dynamicGroup=pl.col("dynamicGroup"),
        dynamicPhase=pl.col("dynamicPhase"),
        sequenceFamily=pl.col("family"),
        contrastWeighting=pl.col("contrast"),
        classConfidence=pl.col("confidence").fill_null(0.0),
        classReason=pl.when(given.is_not_null())
        .then(pl.lit(by_hand.REASON))
        .otherwise(pl.col("class_reason").fill_null("none: no rule applies")),
        isDerivedImage=derived,
        dixonPart=pl.col("dixonPart"),
        partOfComplex=pl.col("partOfComplex"),
        diffusion_b_values=pl.when(diffusion | (pl.col("b_max") > 0)).then("diffusion_b_values"),
        echo_times_ms=pl.col("echo_times_ms"),
        n_volumes=pl.col("n_volumes").cast(pl.Int64),
        n_phases=pl.col("n_phases"),
        obliquity_degrees=pl.col("obliquity_degrees").round(3),
        sequenceClass=pl.col("sequenceClass"),
        standardManufacturer=pl.col("standardManufacturer"),
        fatSuppressionReason=pl.col("fat_reason"),
        contrastReason=pl.coalesce(
            pl.when(pl.col("after").is_not_null()).then(
                pl.concat_str("after", pl.lit(": dynamicPhase="), pl.col("dynamicPhase"))
            ),
            "contrast_reason",
        ),
        orientationReason=pl.when(pl.col("plane").is_not_null())
        .then(pl.lit("orientation.geometry: ImageOrientationPatient"))
        .when(pl.col("named_plane").is_not_null())
        .then(pl.lit("orientation.name: ") + pl.col("raw_name").str.head(80)),
    )
    made = pl.concat([made, proposed], how="horizontal")
    return made.select(pl.col(column.name).cast(column.dtype) for column in MR_CLEANED)


def _has(element: str) -> pl.Expr:
    return pl.col("ImageType").str.contains(f"\\{element}\\", literal=True).fill_null(False)


def _cleaned_model(names: pl.Series) -> pl.Series:
    """Without its maker, and with single blanks."""
    without = names.str.replace(MAKER, "").str.replace_all(r"[\s_]+", " ")
    return without.str.strip_chars(" ")
