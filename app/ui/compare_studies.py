"""Two studies side by side: which series correspond, what differs, and the way to a diff of two."""

from __future__ import annotations

import polars as pl
import streamlit as st

from app import columns
from app.compare.pairs import Pair, Series, pairs
from app.i18n import Texts
from app.ui import cards, tables
from app.ui.compare_choice import open_pair
from app.ui.tables import Shown
from app.ui.view import View, open_page

SCHEMA = {
    "series_a": pl.String, "series_b": pl.String, "matched": pl.String, "protocol": pl.String,
    "instances_a": pl.Int64, "instances_b": pl.Int64, "study_a": pl.String, "uid_a": pl.String,
    "study_b": pl.String, "uid_b": pl.String,
}  # fmt: skip
UIDS = ("study_a", "uid_a", "study_b", "uid_b")


def draw(view: View, a: str, b: str) -> None:
    """The pairs of the studies ``a`` and ``b``; a click opens the difference of the two headers."""
    t = view.texts
    sides = [
        view.everything().ask("compare_study_series", study=uid).rows(named=True) for uid in (a, b)
    ]
    found = pairs(sides[0], sides[1])
    if not found:
        st.info(t("compare.no_series"))
        return
    both = [pair for pair in found if pair.a and pair.b]
    cards.row(
        view,
        {
            "paired": len(both),
            "same_protocol": sum(not pair.differs for pair in both),
            "only_a": sum(pair.b is None for pair in found),
            "only_b": sum(pair.a is None for pair in found),
        },
    )
    st.caption(t("compare.pairs_hint"))
    opened = tables.whole(view, frame(t, found, a, b), "pairs", Shown("series_a", hidden=UIDS))
    if opened and opened["uid_a"] and opened["uid_b"]:
        open_pair("series", opened["uid_a"], opened["uid_b"])
    elif opened:
        side = "a" if opened["uid_a"] else "b"
        open_page("series", study=opened[f"study_{side}"], series=opened[f"uid_{side}"])


def frame(t: Texts, found: list[Pair], a: str, b: str) -> pl.DataFrame:
    """Pairs as rows a person reads."""
    rows = [
        (
            _name(t, pair.a), _name(t, pair.b), t(f"compare_rule.{pair.rule}") if pair.rule else "",
            _differs(t, pair), pair.a and pair.a["n_instances"], pair.b and pair.b["n_instances"],
            a, pair.a and pair.a["SeriesInstanceUID"], b, pair.b and pair.b["SeriesInstanceUID"],
        )
        for pair in found
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _name(t: Texts, series: Series | None) -> str:
    if series is None:
        return "—"
    number = f"{series['SeriesNumber']} · " if series["SeriesNumber"] is not None else ""
    return number + str(series["SeriesDescription"] or t("series.untitled"))


def _differs(t: Texts, pair: Pair) -> str:
    if pair.a is None or pair.b is None:
        return t("compare.only_a") if pair.b is None else t("compare.only_b")
    names = [columns.title(t, name, with_unit=False) for name in pair.differs]
    return ", ".join(dict.fromkeys(names)) or t("compare.nothing_of_protocol")
