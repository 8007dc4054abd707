"""What a column of an answer is called and how its values are said, from the schema and the texts.

Titles carry the unit. What the schema does not know (counts, positions in an order) is known by
name.
"""

from __future__ import annotations

import polars as pl

from app import judgements
from app.i18n import Texts
from ingest.schema import TABLES, Column

_KNOWN: dict[str, Column] = {
    column.name: column
    for table in ("mr_cleaned", "files", "runs", "studies", "series", "instances")
    for column in TABLES[table].columns
}
WORDS = {
    "status": "status", "state": "job", "match": "match", "severity": "graded", "rule": "finding",
    "level": "level", "since": "since", "nuclear_reasons": "nuclear_reason",
    "uptake_status": "value_status",
    "activity_status": "value_status", "weight_status": "value_status",
    "dose_status": "value_status", "injection_status": "value_status",
    "activity_at_scan_status": "value_status", "suv_status": "value_status",
}  # fmt: skip
"""Columns of codes, and the texts that say them in words."""
SAID_BY_TITLE = {
    "instances", "series", "frames", "files", "findings", "positions", "bytes", "headers",
}  # fmt: skip
WRITTEN = {
    "s/mm2": "s/mm²", "degrees": "°", "minutes": "min", "pixels": "px", "bits": "bit", "us": "µs",
    "Hz/pixel": "Hz/px", "uAs": "µAs", "Gy.m2": "Gy·m²", "mGy.cm": "mGy·cm", "dGy.cm2": "dGy·cm²",
    "Bq/umol": "Bq/µmol",
}  # fmt: skip
"""Units of the schema as people write them, the same in all languages."""


def title(t: Texts, name: str, with_unit: bool = True) -> str:
    """What a column is called, with its unit."""
    label = t.find(f"column.{name}", name)
    return f"{label} ({unit(name)})" if with_unit and unit(name) else label


def unit(name: str) -> str:
    """The unit of a column as people write it; "" where the title says it, or there is none."""
    known = _KNOWN.get(name)
    if known is None or known.unit in SAID_BY_TITLE:
        return ""
    return WRITTEN.get(known.unit, known.unit)


def hint(name: str) -> str | None:
    """The keyword and tag of a column that is a DICOM attribute, else nothing."""
    known = _KNOWN.get(name)
    if known is None or not name[0].isupper():
        return None
    tag = next((s for s in known.source if len(s) == 8 and s.isalnum()), "")
    return f"{name} ({tag[:4]},{tag[4:]})" if tag else name


def worded(t: Texts, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with codes of our own in words, and what findings say in the language."""
    for name, texts in WORDS.items():
        if name in frame.columns:
            codes = frame[name].explode().unique().drop_nulls().to_list()
            words = {code: t.find(f"{texts}.{code}", code) for code in codes}
            one = pl.element().replace(words)
            is_list = isinstance(frame.schema[name], pl.List)
            said = pl.col(name).list.eval(one) if is_list else pl.col(name).replace(words)
            frame = frame.with_columns(said)
    return judgements.worded(t, frame)


def rounded(frame: pl.DataFrame) -> pl.DataFrame:
    """Numbers to six significant digits: what a person can read, and what a scanner can mean."""
    # Not round_sig_figs of Polars 2.1, of which 0.3 comes back as 0.30000000000000004; and not
    # map_elements: its threads wait for Python while to_pandas of another session holds Python
    # and waits for them, and with twenty sessions the server stood still.
    return frame.with_columns(
        pl.Series(
            name,
            [None if number is None else six_digits(number) for number in frame[name].to_list()],
            pl.Float64,
        )
        for name, dtype in frame.schema.items()
        if dtype.is_float()
    )


def six_digits(number: float) -> float:
    """A number with its first six significant digits."""
    return float(f"{number:.6g}")
