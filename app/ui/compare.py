"""The difference of two headers on the page: values in words, groups that fold, one export of all.

Which rows are shown is chosen by verdict; the protocol comes first, and what is unique by nature
(UIDs, moments, counters) is folded away at the end.
"""

from __future__ import annotations

import polars as pl
import streamlit as st

from app import element_groups
from app.compare import values as compare
from app.compare.values import VERDICTS, Tolerance
from app.i18n import Texts
from app.ui import cards, downloads, tables
from app.ui.header import search
from app.ui.text import plain
from app.ui.text import worded as said
from app.ui.view import View

LONGEST = 400
FEW = 3
"""Distinct values of an element that are all written out."""
SHOWN = ("element_tag", "name", "value_a", "value_b", "verdict", "delta", "vr")
EXPORTED = ("element_group", "element_section", *SHOWN, "creator", "path")


def tolerance(view: View) -> Tolerance:
    """The two fields in which the tolerance is set; relative is in per cent."""
    t = view.texts
    absolute = st.number_input(
        t("compare.absolute"), 0.0, value=0.0, step=0.1, format="%g", key="compare_absolute",
        help=t("compare.tolerance_help"), width=150,
    )  # fmt: skip
    relative = st.number_input(
        t("compare.relative"), 0.0, 100.0, 0.0, 0.1, format="%g", key="compare_relative",
        help=t("compare.tolerance_help"), width=150,
    )  # fmt: skip
    return Tolerance(float(absolute or 0), float(relative or 0) / 100)


@st.fragment  # typing in the search runs this again, and not the page
def draw(view: View, a: pl.DataFrame, b: pl.DataFrame) -> None:
    """The difference of two answers to ``compare_elements``: numbers, tools, groups, export."""
    t = view.texts
    numbers = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare_tools"):
        verdicts = st.pills(
            t("compare.show"), VERDICTS, selection_mode="multi", default=compare.DIFFERENCES,
            format_func=lambda verdict: t(f"compare.{verdict}"), key="compare_verdicts",
            help=t("compare.show_help"),
        )  # fmt: skip
        text = st.text_input(
            t("compare.find"), key="compare_find", type="search", icon=":material/search:",
            placeholder=t("compare.find_placeholder"), max_chars=100, width=260, live=True,
            autocomplete="off",
        )  # fmt: skip
        within = tolerance(view)
    rows = _kept(t, a, b, within)
    with numbers:
        _numbers(view, rows)
    found = search(rows.filter(pl.col("judged").is_in(list(verdicts))), text or "")
    if found.is_empty():
        st.info(t("compare.nothing"), icon=":material/check:")
        return
    if not view.identifiers:
        st.caption(t("compare.hidden"))
    for (kind, section), group in found.group_by("kind", "section", maintain_order=True):
        _group(view, str(kind), str(section), group, rows)
    downloads.row(view, "table_compare", found.height, lambda: found.select(EXPORTED))


def _kept(t: Texts, a: pl.DataFrame, b: pl.DataFrame, within: Tolerance) -> pl.DataFrame:
    """The compared rows, made anew only where something else is compared than in the last run."""
    sides, how = (a, b), (within, t.language)
    kept = st.session_state.get("compare_rows")
    if (
        kept is None
        or kept[1] != how
        or any(x is not y for x, y in zip(kept[0], sides, strict=True))
    ):
        kept = (sides, how, worded(t, compare.compared(a, b, within)))
        st.session_state["compare_rows"] = kept
    rows: pl.DataFrame = kept[2]
    return rows


def worded(t: Texts, rows: pl.DataFrame) -> pl.DataFrame:
    """Compared rows as a person reads them; ``value`` is what can be searched, ``judged`` the code
    of the verdict."""
    words = {verdict: t(f"compare.{verdict}") for verdict in VERDICTS}
    kinds = {kind: t(f"compare.{kind}") for kind in element_groups.KINDS}
    head = pl.col("element").str.split("/").list.first()
    sizes = {f"size_{side}": said(rows[f"byte_length_{side}"], t.size) for side in ("a", "b")}
    return (
        rows.with_columns(**sizes)
        .with_columns(
            judged="verdict",
            verdict=pl.col("verdict").replace_strict(words, return_dtype=pl.String),
            element_tag=element_groups.tag(head),
            tag=pl.concat_str(element_groups.tag(head), "tag", separator=" "),
            name=pl.coalesce("name", "keyword", pl.lit("")),
            element_group=pl.col("kind").replace_strict(kinds, return_dtype=pl.String),
            element_section="section",
            value_a=_value(t, "a"),
            value_b=_value(t, "b"),
        )
        .with_columns(value=pl.concat_str("value_a", "value_b", separator=" ", ignore_nulls=True))
    )


def _value(t: Texts, side: str) -> pl.Expr:
    """The values of one side in words: one, a few, a range, or how many there are."""

    def own(name: str) -> pl.Expr:
        return pl.col(f"{name}_{side}")

    texts = own("values").list
    number = own("low").cast(pl.Float64, strict=False).is_not_null()
    range_of = pl.format(
        t("compare.range", low="{}", high="{}", n="{}"), own("low"), own("high"), own("n_values")
    )
    several = pl.format(t("compare.several", n="{}", first="{}"), own("n_values"), texts.first())
    written = (
        pl.when(own("byte_length").is_not_null()).then(_binary(t, side))
        .when((pl.col("vr") == "SQ") & (own("n_values") == 1))
        .then(pl.format(t("compare.items", n="{}"), texts.first()))
        .when(own("n_values") > FEW)
        .then(pl.when(own("numeric") & number).then(range_of).otherwise(several))
        .when((own("n_values") == 1) & (texts.first() == "")).then(pl.lit(t("compare.empty")))
        .otherwise(texts.join(" | "))
    )  # fmt: skip
    some = pl.format(
        t("compare.some", value="{}", n="{}", of="{}"), written, own("n_present"),
        own("n_instances"),
    )  # fmt: skip
    shown = pl.when(own("n_present") < own("n_instances")).then(some).otherwise(written)
    clipped = pl.when(shown.str.len_chars() > LONGEST).then(
        pl.concat_str(shown.str.slice(0, LONGEST), pl.lit(" …"))
    )
    return clipped.otherwise(shown).str.replace_all(r"[\r\n]+", " ⏎ ")


def _binary(t: Texts, side: str) -> pl.Expr:
    """The size and the start of the hash of a binary value, by which two can be told apart."""
    values = pl.col(f"values_{side}").list
    one = pl.format(
        t("compare.binary", size="{}", hash="{}"),
        pl.col(f"size_{side}"),
        values.first().str.slice(0, 8),
    )
    many = pl.format(t("compare.binaries", n="{}"), f"n_values_{side}")
    return pl.when(pl.col(f"n_values_{side}") > 1).then(many).otherwise(one)


def _numbers(view: View, rows: pl.DataFrame) -> None:
    """How many elements differ and are equal, without those that are unique by nature."""
    t = view.texts
    protocol = rows.filter(pl.col("kind") != element_groups.UNIQUE)
    found = dict(protocol.group_by("judged").len().iter_rows())
    cards.row(view, {verdict: int(found.get(verdict, 0)) for verdict in VERDICTS})
    unique = rows.height - protocol.height
    st.caption(t("compare.without_unique", elements=t.count("elements", unique)))


def _group(view: View, kind: str, section: str, group: pl.DataFrame, rows: pl.DataFrame) -> None:
    t = view.texts
    of = rows.filter((pl.col("kind") == kind) & (pl.col("section") == section)).height
    name = f"{t(f'compare.{kind}')} · {section}" if section else t(f"compare.{kind}")
    label = t("compare.group", name=plain(name), n=t.number(group.height), of=t.number(of))
    key = f"compare_{kind}_{section}"
    with st.expander(label, expanded=kind != element_groups.UNIQUE, key=key):
        seen = [name for name in SHOWN if group[name].null_count() < group.height]
        tables.draw(view, group.select(seen), f"table_{key}", tables.PLAIN, None)
