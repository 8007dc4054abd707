"""Labelled MR series, and which of their data sets guided the rules.

Two kinds of files are read: header rows (``dataset``, ``bids_suffix`` and DICOM keywords) and
series of DICOM files (``source``, ``series_uid``, ``label``; the headers are read by Taglake's own
ingest).  Without ``--labels`` both files of ../shared/data/labels are measured.

Which data sets guided the rules was settled by their names: one whose name's SHA-256 starts with
0-7 guided, 8-f was kept for the final measurement.  This split is one of three by hash that were
compared by their counts of labels before the rows were read; by then a few first rows of ds004199
(which guided) and the names of series in dcm_qa_nih had been seen.  The kept sets were measured
more than once while rules were made, though no rule was made from their rows, so their figures are
a little better than those of data nobody measured; how often was not written down at first.
ds001499 and ds003138 were kept, too, until the cause of most of their errors (spin echo EPI whose
rows hold no b-value) was looked at: since then they guide (``SEEN``).
Counts alone of the kept sets (localizers called T1w without names) led to the rule
localizer.volume.  The one header of example-dicom-structural was looked at: it was made from a
NIfTI file and holds nothing of how it was acquired, so no rule could come of it, and none did.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
LABELS = DATA / "labels"
OF_DICOM = {
    "ASL": "asl", "ASL_M0": "m0scan", "ASL_PW": "derived:asl", "CBF": "derived:asl", "BOLD": "bold",
    "DWI": "dwi", "DWI_FMAP": "epi", "FLAIR": "FLAIR", "FMAP_GRE": "fmap_gre",
    "LOCALIZER": "localizer",
    "MIP": "derived:MIP", "MT": "MTS", "PDw": "PDw", "T1w": "T1w", "T2w": "T2w",
}  # fmt: skip
"""Labels of DICOM series in the words of BIDS; others are kinds that no class covers."""
ALIKE = {
    "magnitude1": "fmap_gre", "magnitude2": "fmap_gre", "magnitude": "fmap_gre",
    "phasediff": "fmap_gre", "fieldmap": "fmap_gre", "phase1": "fmap_gre", "phase2": "fmap_gre",
    "discard:localizer": "localizer",
}  # fmt: skip
"""A series of both echoes of a field map cannot be told as one of them."""
SEEN = ("ds001499", "ds003138")
"""Kept by their names' hashes, but looked at since and so no longer blind: they guide, too."""


def held(name: str) -> bool:
    """Whether the data set ``name`` was kept for the final measurement."""
    return name not in SEEN and hashlib.sha256(name.encode()).digest()[0] >= 0x80


def guided(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of data sets that may guide the rules."""
    return frame.filter(pl.Series([not held(name) for name in frame["dataset"]]))


def header_rows(path: Path) -> pl.DataFrame:
    """Labelled header rows with ``dataset``, ``label`` and DICOM keywords, all as text."""
    frame = pl.read_csv(path, infer_schema=False)
    return frame.with_columns(label="bids_suffix", origin=pl.lit("rows")).drop("bids_suffix")


def dicom_series(path: Path) -> pl.DataFrame:
    """Labelled series with the columns of the lake's table ``series``."""
    import duckdb

    from ingest.lake import snapshot
    from ingest.lake.views import register
    from ingest.pipeline import ingest

    labels = pl.read_csv(path, infer_schema=False)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "labelled"
        from ingest.lake import databank

        databank.create(root)
        ingest([str(DATA / "dicom")], root, workers=2)
        connection = duckdb.connect()
        register(connection, root, snapshot.read(root), identifiers=False)
        series = connection.sql("SELECT * FROM series WHERE Modality = 'MR'").pl()
        connection.close()
    labels = labels.select(
        dataset=pl.col("source").str.split("+").list.last(),
        SeriesInstanceUID="series_uid",
        label=pl.col("label").replace(OF_DICOM),
        origin=pl.lit("dicom"),
    )
    return labels.join(series, on="SeriesInstanceUID", how="inner")


def load(path: Path) -> pl.DataFrame:
    """Labelled series of either kind of file."""
    columns = pl.read_csv(path, n_rows=0, infer_schema=False).columns
    return dicom_series(path) if "series_uid" in columns else header_rows(path)


def disputed(frames: Sequence[pl.DataFrame]) -> list[pl.Series]:
    """For each frame, whether another one says something else of a row's series.

    Series are told by data set, number and description; a series of which any label is the same in
    both is not in dispute.
    """
    series = ("dataset", "SeriesNumber", "SeriesDescription")
    keyed = [
        frame.select(
            pl.lit(number).alias("file"),
            "dataset",
            pl.col("SeriesNumber").cast(pl.Float64, strict=False),
            "SeriesDescription",
            label=pl.col("label").replace(ALIKE),
        )
        if set(series) <= set(frame.columns)
        else pl.DataFrame(schema={"file": pl.Int32, "dataset": pl.String,
                                  "SeriesNumber": pl.Float64, "SeriesDescription": pl.String,
                                  "label": pl.String}).clear(frame.height)
        for number, frame in enumerate(frames)
    ]  # fmt: skip
    said = pl.concat(keyed).drop_nulls()
    other = said.join(said, on=series, suffix="_there").filter(
        pl.col("file") != pl.col("file_there")
    )
    agreed = (pl.col("label") == pl.col("label_there")).any()
    odd = other.group_by(series).agg(agreed=agreed).filter(~pl.col("agreed"))
    return [
        rows.join(odd, on=series, how="left", maintain_order="left")["agreed"].is_not_null()
        for rows in keyed
    ]
