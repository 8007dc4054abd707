"""Correcting the class of MR series by hand: the form, and what is done with it.

A decision is kept beside the lake and followed by the next derivation. A small databank is derived
again at once; a large one, or one that is being written to, by a job.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import jobs
from app.dashboards import mr
from app.ui import own_jobs
from app.ui.mr import SAID
from app.ui.view import View
from ingest.derive import corrections
from ingest.derive.anew import again
from ingest.derive.corrections import Corrected
from ingest.lake.errors import DatabankBusy, LakeError

AT_ONCE = 20_000
"""Series up to which the tables are derived again while one waits: a second."""
WHO = "mr_who"
"""Who corrects, remembered for the session."""


def form(
    view: View, key: str, about: Sequence[Corrected], before: str = "",
    whole: Sequence[Corrected] = (),
) -> None:  # fmt: skip
    """The form that corrects ``about``, or where that is chosen the ``whole`` series of it."""
    t = view.texts
    with st.form(f"{key}_form", border=False, clear_on_submit=False):
        offered = mr.classes(view)
        wanted = st.selectbox(
            t("mr.correct_to"), offered, index=None, key=f"{key}_class",
            placeholder=t("mr.correct_choose"), help=t("mr.correct_help"),
        )  # fmt: skip
        if whole:
            scope = st.radio(
                t("mr.scope"), ("kind", "series"), key=f"{key}_scope", horizontal=True,
                format_func=lambda value: t(f"mr.scope_{value}"),
            )  # fmt: skip
            about = whole if scope == "series" else about
        left, right = st.columns([1, 2], gap="small")
        with left:
            who = st.text_input(
                t("mr.who"), st.session_state.get(WHO, ""), key=f"{key}_who", max_chars=100
            )
        with right:
            why = st.text_input(
                t("mr.why"), key=f"{key}_why", max_chars=1000, help=t("mr.why_help")
            )
        n = len({one.series for one in about})
        label = t("mr.correct_all", series=t.count("series", n)) if n > 1 else t("mr.correct")
        if st.form_submit_button(label, type="primary", icon=":material/edit:"):
            st.session_state[WHO] = who
            if not wanted or not who.strip() or not why.strip():
                st.error(t("mr.correct_incomplete"))
            elif wanted == before:
                st.warning(t("mr.correct_same"))
            else:
                decide(view, about, wanted, who, why)


def take_back(view: View, key: str, about: Sequence[Corrected]) -> None:
    """The button that gives a series back to the rules."""
    t = view.texts
    if st.button(t("mr.take_back"), icon=":material/undo:", key=f"{key}_back"):
        who = st.session_state.get(WHO, "") or t("mr.somebody")
        decide(view, about, None, who, t("mr.taken_back"))


def decide(view: View, about: Sequence[Corrected], wanted: str | None, who: str, why: str) -> None:
    """Keep the decision, have it followed, and draw the page again."""
    t = view.texts
    assert view.databank is not None
    try:
        corrections.add(view.databank.root, about, wanted, who=who, why=why)
        said = t("mr.saved" if _follow(view) else "mr.saved_derives")
        st.session_state[SAID] = [("done", said)]
    except LakeError as error:
        sentence = t.find(f"error.{type(error).__name__}", str(error))
        st.session_state[SAID] = [("failed", sentence)]
    st.rerun()


def _follow(view: View) -> bool:
    """Derive again, at once or by a job; gives whether it is done."""
    assert view.databank is not None
    n = view.everything().ask("totals")["series"].item()
    if n <= AT_ONCE:
        try:
            with st.spinner(view.texts("mr.deriving")):
                again(view.databank.root)
            return True
        except DatabankBusy:
            pass
    own_jobs.remember(jobs.start("derive", view.name, []))
    return False
