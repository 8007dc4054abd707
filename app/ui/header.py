"""The header browser: all elements of one instance, in the order of the standard, searchable.

Nested elements are indented, private ones say whose they are, decoded ones stand under what they
were decoded from, and what varies within the series is marked.
"""

from __future__ import annotations

import polars as pl
import streamlit as st

from app.i18n import Texts
from app.ui import tables
from app.ui.tables import Row, Shown
from app.ui.text import worded
from app.ui.view import View

KINDS = ("all", "standard", "private", "decoded")
MOST = 5_000
LONGEST = 2_000
VARIES = "◆"


def of_instance(
    view: View, uids: dict[str, str], members: pl.DataFrame, instance: Row
) -> tuple[pl.DataFrame, set[str]]:
    """The elements of one of the ``members`` of a series, and the paths that vary among them."""
    elements = view.ask("header", instance=instance["instance_id"], header=instance["header_id"])
    if members.height < 2:
        return elements, set()
    if members["header_id"].n_unique() == 1:  # what varies is what is stored by instance
        return elements, set(elements.filter("varies")["path"])
    varying = view.ask("varying", study=uids["study"], series=uids["series"])
    return elements, set(varying["path"])


@st.fragment  # typing in the search runs this again, and not the page
def browse(view: View, elements: pl.DataFrame, varying: set[str]) -> None:
    """Draw the browser; ``elements`` are those of one instance, ``varying`` paths that vary."""
    t = view.texts

    def label(kind: str) -> str:
        return f"{t(f'header.{kind}')} · {t.number(_of_kind(elements, kind).height)}"

    with st.container(horizontal=True, vertical_alignment="bottom", key="header_tools"):
        kind = st.segmented_control(
            t("header.kind"), KINDS, default="all", required=True, key="header_kind",
            format_func=label, help=t("header.decoded_help"),
        )  # fmt: skip
        text = st.text_input(
            t("header.search"), key="header_search", type="search", icon=":material/search:",
            placeholder=t("header.search_placeholder"), max_chars=100, width=320, live=True,
            autocomplete="off",
        )  # fmt: skip
        only = st.toggle(t("header.only_varying"), key="header_varying", disabled=not varying)
    shown = presented(t, elements, varying)
    found = search(_of_kind(shown, kind or "all"), text or "")
    if only and varying:
        found = found.filter(pl.col("varies") != "")
    _result(view, found)


def presented(t: Texts, elements: pl.DataFrame, varying: set[str]) -> pl.DataFrame:
    """Elements as rows a person reads: tag, name, value, VR, creator, varies (and path)."""
    depth = pl.col("path").str.split("/").list.first().str.count_matches(r"\[", literal=False)
    decoded = pl.col("path").str.contains("/", literal=True)
    indent = pl.lit("  ").repeat_by(depth + decoded.cast(pl.Int64)).list.join("")
    tag = pl.format("({},{})", pl.col("tag").str.slice(0, 4), pl.col("tag").str.slice(4, 4))
    last = pl.col("path").str.split("/").list.slice(1).list.join("/")
    return elements.select(
        tag=indent + pl.when(decoded).then(pl.lit("↳ ")).otherwise(pl.lit("")) + tag,
        name=pl.when(decoded).then(last).otherwise(pl.coalesce("name", "keyword", pl.lit(""))),
        value=_value(t, elements),
        varies=pl.when(pl.col("path").is_in(list(varying)))
        .then(pl.lit(VARIES))
        .otherwise(pl.lit("")),
        vr=pl.col("vr"),
        creator=pl.col("creator"),
        keyword=pl.col("keyword"),
        path=pl.col("path"),
    )


def search(rows: pl.DataFrame, text: str) -> pl.DataFrame:
    """Rows that have all words of ``text`` in tag, name, keyword, creator, path or value."""
    said = pl.concat_str(
        [
            pl.col(name).fill_null("")
            for name in ("tag", "name", "keyword", "creator", "path", "value")
        ],
        separator=" ",
    ).str.to_lowercase()
    for word in text.lower().split()[:10]:
        rows = rows.filter(said.str.contains(word, literal=True))
    return rows


def _of_kind(elements: pl.DataFrame, kind: str) -> pl.DataFrame:
    decoded = pl.col("path").str.contains("/", literal=True)
    private = pl.col("creator").is_not_null() & ~decoded
    conditions = {
        "standard": ~decoded & ~private, "private": private, "decoded": decoded, "all": pl.lit(True)
    }  # fmt: skip
    return elements.filter(conditions[kind])


def _value(t: Texts, elements: pl.DataFrame) -> pl.Expr:
    """The text; for a sequence its number of items, for a binary value its size."""
    items = elements.filter(vr="SQ")["number"]
    count = worded(items, lambda n: t.count("header_items", int(n)))
    count = pl.coalesce(count, pl.lit(t.count("header_items", 0)))
    size = worded(elements["byte_length"], lambda n: t("header.binary", size=t.size(n)))
    text = pl.col("text").str.slice(0, LONGEST).str.replace_all(r"[\r\n]+", " ⏎ ")
    return (
        pl.when(pl.col("vr") == "SQ").then(count)
        .when(pl.col("text").is_not_null()).then(text)
        .otherwise(size)
    )  # fmt: skip


def _result(view: View, found: pl.DataFrame) -> None:
    t = view.texts
    if found.is_empty():
        st.info(f"{t('header.nothing')} {t('header.nothing_hint')}", icon=":material/search_off:")
        return
    tables.whole(view, found.head(MOST), "header", Shown(hidden=("path", "keyword")))
    note = t.count("elements", found.height)
    if found.height > MOST:
        note += " · " + t("header.capped", n=t.number(MOST))
    if not view.identifiers:
        note += " · " + t("header.hidden")
    st.caption(note)
