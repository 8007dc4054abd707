"""Dose reports: the numbers of a structured report that become columns of ``instances``.

A numeric content item has its meaning in ConceptNameCodeSequence and its value in
MeasuredValueSequence (PS3.3 C.18.1); the codes are those of PS3.16 TID 10001, 10011 and 10021.
"""

from __future__ import annotations

import polars as pl

from ingest.flatten.assemble import by_instance
from ingest.flatten.long import Indices, Long
from ingest.header.keys import Key, Keys

CONCEPT, VALUE = "0040A043[0].", "0040A300[0]."
CODE, NUMERIC = 0x00080100, 0x0040A30A
UNIT = "0040A300[0].004008EA[0]."

CTDIVOL, DLP_TOTAL, DLP, CT_EVENT = "113830", "113813", "113838", "113819"
EVENT, DAP_TOTAL, ACTIVITY = "113706", "113722", "113507"

DOSE = {"mGy": 1.0, "Gy": 1e3, "cGy": 10.0, "uGy": 1e-3}
DOSE_LENGTH = {"mGy.cm": 1.0, "mGycm": 1.0, "Gy.cm": 1e3}
DOSE_AREA = {
    "Gy.m2": 1.0, "Gym2": 1.0, "uGy.m2": 1e-6, "uGym2": 1e-6, "Gy.cm2": 1e-4, "Gycm2": 1e-4,
    "dGy.cm2": 1e-5, "dGycm2": 1e-5, "cGy.cm2": 1e-6, "cGycm2": 1e-6, "mGy.cm2": 1e-7,
    "mGycm2": 1e-7,
}  # fmt: skip
RADIOACTIVITY = {"MBq": 1.0, "kBq": 1e-3, "Bq": 1e-6, "GBq": 1e3, "mCi": 37.0}
"""Units (UCUM, and without its point, as some scanners write them) in those of the columns; a value
of any other unit is left out."""

COLUMNS = {
    "dose_sr_CTDIvol_max_mGy": pl.Float64,
    "dose_sr_DLP_total_mGycm": pl.Float64,
    "dose_sr_events": pl.Int64,
    "dose_sr_dose_area_product_Gym2": pl.Float64,
    "dose_sr_administered_activity_MBq": pl.Float64,
}
C = pl.col
PARTS = ((CONCEPT, CODE, "code"), (VALUE, NUMERIC, "value"), (UNIT, CODE, "unit"))


def _parts(key: Key) -> list[tuple[str, str]]:
    """The scope of the element in its content item, and what it is of that."""
    if not key.scope.startswith("0040A730["):
        return []
    return [(own, what) for own, tag, what in PARTS if key.tag == tag and key.scope.endswith(own)]


def doses(shared: Long, varying: Long, keys: Keys, template_of: Indices) -> pl.DataFrame:
    """Per instance the ``dose_sr_...`` columns; only instances with coded content items."""
    items = [
        (number, keys[number].scope[: -len(inner)], what)
        for number, parts in enumerate(keys.each(_parts))
        for inner, what in parts
    ]
    if not items:
        return pl.DataFrame(schema={"instance": pl.Int64, **COLUMNS})
    lookup = pl.DataFrame(
        items, schema={"key": pl.Int64, "item": pl.String, "what": pl.String}, orient="row"
    )
    numbers = by_instance(shared, varying, lookup, template_of, len(keys))
    texts = shared.values.select("text", "number")[numbers["value"]]
    rows = pl.concat([numbers, texts], how="horizontal")
    wide = rows.group_by("instance", "item").agg(
        code=C("text").filter(C("what") == "code").first(),
        value=C("number").filter(C("what") == "value").first(),
        unit=C("text").filter(C("what") == "unit").first(),
    )

    def values(code: str, units: dict[str, float]) -> pl.Expr:
        factor = C("unit").replace_strict(units, default=None, return_dtype=pl.Float64)
        return (C("value") * factor).filter(C("code") == code).drop_nulls()

    def total(found: pl.Expr) -> pl.Expr:
        return pl.when(found.count() > 0).then(found.sum())

    events = C("code").is_in([CT_EVENT, EVENT]).sum().cast(pl.Int64)
    return wide.group_by("instance").agg(
        dose_sr_CTDIvol_max_mGy=values(CTDIVOL, DOSE).max(),
        dose_sr_DLP_total_mGycm=pl.coalesce(
            values(DLP_TOTAL, DOSE_LENGTH).max(), total(values(DLP, DOSE_LENGTH))
        ),
        dose_sr_events=pl.when(events > 0).then(events),
        # one for each plane of a biplane system (PS3.16 TID 10002)
        dose_sr_dose_area_product_Gym2=total(values(DAP_TOTAL, DOSE_AREA)),
        dose_sr_administered_activity_MBq=values(ACTIVITY, RADIOACTIVITY).max(),
    )
