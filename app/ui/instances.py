"""The instances of a series: their table, the one whose header is shown, and what varies."""

from __future__ import annotations

import polars as pl
import streamlit as st

from app.ui import tables
from app.ui.tables import Row, Shown
from app.ui.view import View, chosen
from app.varying import HOW, set_apart

SLOT = "instance"
CHOSEN = "instance_chosen"
UNSEEN = (
    "SOPInstanceUID", "BurnedInAnnotation", "ImagePositionPatient", "slice_normal", "instance_id",
    "header_id",
)  # fmt: skip


def table(view: View, members: pl.DataFrame) -> None:
    """The instances in slice order; choosing one makes it the one whose header is shown."""
    st.caption(view.texts("series.instances_hint"))
    row = tables.whole(view, members, "instances", Shown(hidden=UNSEEN, choose=True))
    if row and st.session_state.get(CHOSEN) != row["SOPInstanceUID"]:
        st.session_state[CHOSEN] = row["SOPInstanceUID"]  # once: the slider may move on from here
        st.session_state[_place(members)] = row["position"]


def choose(view: View, members: pl.DataFrame, default: str) -> Row:
    """A slider through the series in slice order; gives the instance it is at."""
    uids = members["SOPInstanceUID"].to_list()
    if len(uids) == 1:
        return members.row(0, named=True)
    asked = chosen(SLOT) or default
    start = uids.index(asked) if asked in uids else len(uids) // 2
    place = st.slider(
        view.texts("series.which"), 1, len(uids), start + 1, key=_place(members),
        format=f"%d / {len(uids)}",
    )  # fmt: skip
    return members.row(place - 1, named=True)


def _place(members: pl.DataFrame) -> str:
    """The slider's key: each series has a slider of its own, else it would keep another's place."""
    return f"place_{members['SOPInstanceUID'][0]}"


def varying(view: View, rows: pl.DataFrame, n_instances: int) -> None:
    """What varies, how, and a strip of its values in slice order; what is no news is put away."""
    t = view.texts
    if n_instances < 2:
        st.info(t("series.one_instance"))
        return
    if rows.is_empty():
        st.info(t("series.nothing_varies"))
        return
    worth, expected = set_apart(rows)
    st.caption(t("series.varying_hint"))
    if worth.is_empty():
        st.info(t("series.only_expected"))
    else:
        _strips(view, worth, "varying", n_instances)
    if not expected.is_empty():
        label = t("series.expected", elements=t.count("elements", expected.height))
        with st.expander(label, expanded=worth.is_empty()):
            st.caption(t("series.expected_hint"))
            _strips(view, expected, "varying_expected", n_instances)


def _strips(view: View, rows: pl.DataFrame, key: str, n_instances: int) -> None:
    t = view.texts
    everywhere = rows["n_present"].min() == n_instances
    unseen = ("path", "vr", "private_class", "keyword")
    hidden = (*unseen, *(("n_present",) if everywhere else ()))
    words = {how: t(f"how.{how}") for how in HOW}
    tables.whole(view, rows.with_columns(pl.col("how").replace(words)), key, Shown(hidden=hidden))
