"""What earlier tools do with a header: one pass of thresholds, and parts of names. For comparison.

FLAIR from 2000 ms, whatever the field strength; a name holds a class where its letters are in it.
"""

from __future__ import annotations

import polars as pl

from ingest.mr import inputs


def classic(frame: pl.DataFrame) -> pl.Series:
    """The answer to each row in the words of the labels, NULL where no rule applies."""
    rows = pl.DataFrame([
        inputs.text(frame, "SeriesDescription").fill_null("").str.to_lowercase().alias("d"),
        inputs.text(frame, "ProtocolName").fill_null("").str.to_lowercase().alias("p"),
        inputs.text(frame, "ScanningSequence").fill_null("").alias("seq"),
        inputs.text(frame, "ImageType").fill_null("").str.to_lowercase().alias("kind"),
        inputs.number(frame, "EchoTime").alias("te"),
        inputs.number(frame, "RepetitionTime").alias("tr"),
        inputs.number(frame, "InversionTime").alias("ti"),
        inputs.number(frame, "MagneticFieldStrength").alias("field"),
    ])  # fmt: skip
    name = pl.col("d") + " " + pl.col("p")

    def has(*parts: str) -> pl.Expr:
        return pl.any_horizontal(name.str.contains(part, literal=True) for part in parts)

    high = pl.col("field") >= 2
    t1_tr = pl.when(high).then(1800.0).otherwise(1500.0)
    t2_tr = pl.when(high).then(2500.0).otherwise(2000.0)
    te, tr, ti = pl.col("te"), pl.col("tr"), pl.col("ti")
    return rows.select(
        answer=pl.when(has("loc", "scout", "survey")).then(pl.lit("localizer"))
        .when(has("adc") | pl.col("kind").str.contains("adc")).then(pl.lit("derived:dwi"))
        .when(has("sub")).then(pl.lit("derived:subtraction"))
        .when(has("tof", "mra", "angio")).then(pl.lit("angio"))
        .when(has("swi")).then(pl.lit("swi"))
        .when(has("csi", "mrs", "spectro")).then(pl.lit("derived:MRS"))
        .when(has("dwi", "diff", "dti")).then(pl.lit("dwi"))
        .when(has("bold", "fmri", "rest")).then(pl.lit("bold"))
        .when(has("asl")).then(pl.lit("asl"))
        .when(has("field")).then(pl.lit("fmap_gre"))
        .when(ti >= 2000).then(pl.lit("FLAIR"))
        .when((tr < t1_tr) & (te < 40)).then(pl.lit("T1w"))
        .when((tr > t2_tr) & (te > 75)).then(pl.lit("T2w"))
        .when((tr > t2_tr) & (te < 50)).then(pl.lit("PDw"))
        .when(has("t1")).then(pl.lit("T1w"))
        .when(has("flair")).then(pl.lit("FLAIR"))
        .when(has("t2")).then(pl.lit("T2w"))
    )["answer"]  # fmt: skip
