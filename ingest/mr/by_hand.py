"""A class that a person gave takes the place of the one that rules decided, and all that follows.

What the header says for itself stays as it is: the family of a diffusion series, the part of
complex data, the plane.  Where rules came to the same, what they know beside the class stays, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

COLUMN = "correctedClass"
"""The column of a frame that has such classes; NULL, or blank, where nobody gave one."""
GIVEN = "given_class"
"""The same while rules are asked."""
REASON = "override: corrected by hand"
WEIGHTED = (
    "^(T1|T2|PD)(?:_(GRE_SPOILED|GRE_STEADY_STATE|GRE|SE_SingleShot|SE|TSE|EPI))?"
    r"(?:_(WATER|FAT|INPHASE|OUTPHASE))?(?:_ECHO\d+)?(_MC)?$"
)
"""A class of anatomy: its weighting, family, Dixon part, and whether motion is corrected."""
T2_STAR = ("GRE", "GRE_SPOILED")
"""Families without a refocusing pulse: their T2 is T2*."""


def following(prepared: pl.DataFrame, classes: Mapping[str, Mapping[str, Any]]) -> pl.DataFrame:
    """``prepared`` with what was decided about its classes, as it follows from GIVEN.

    ``classes`` says of each class, and of each weighting, its ``contrast`` and whether such images
    are ``computed``; of others nothing follows.
    """
    if prepared[GIVEN].null_count() == prepared.height:
        return prepared
    given = pl.col(GIVEN)
    weighting, family, part, motion = (given.str.extract(WEIGHTED, n) for n in range(1, 5))
    kind = (
        pl.when(weighting.is_not_null())
        .then(pl.concat_str(weighting, family, separator="_", ignore_nulls=True))
        .otherwise(given)
    )
    told = pl.coalesce(weighting, given)
    star = (weighting == "T2") & family.is_in(T2_STAR)
    contrast = {name: said.get("contrast") for name, said in classes.items()}
    computed = {name: bool(said.get("computed", False)) for name, said in classes.items()}
    follows = {
        "weighting": weighting,
        "contrast": pl.when(star).then(pl.lit("T2*")).otherwise(
            told.replace_strict(contrast, default=None, return_dtype=pl.String)
        ),
        "class_suffix": pl.when(star).then(pl.lit("T2starw")),
        "fmap": pl.when(given == "FIELD_MAP").then(
            pl.when(pl.col("family") == "EPI").then(pl.lit("epi")).otherwise(pl.lit("gre"))
        ),
        "said_computed": told.replace_strict(computed, default=False, return_dtype=pl.Boolean),
    }  # fmt: skip
    is_other = (given.is_not_null() & (kind != pl.col("sequenceClass"))).fill_null(False)
    is_given = given.is_not_null()
    return prepared.with_columns(
        *(pl.when(is_other).then(e).otherwise(name).alias(name) for name, e in follows.items()),
        sequenceClass=pl.coalesce(kind, "sequenceClass"),
        family=pl.coalesce(family, "family"),
        dixonPart=pl.coalesce(part, "dixonPart"),
        corrected=pl.when(motion.is_not_null()).then(True).otherwise("corrected"),
        confidence=pl.when(given == "UNKNOWN").then(0.0).when(is_given).then(1.0)
        .otherwise("confidence"),
    )  # fmt: skip
