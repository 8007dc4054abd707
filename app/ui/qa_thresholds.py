"""The thresholds of a databank, to be seen and changed: ideal ranges, limits, criteria of scores.

What is only shown acts at once. What decides stored columns needs them to be derived again, which
a job does that starts when it is saved; until it has ended the page shows what was before.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from app import jobs
from app.i18n import Texts
from app.ui import ending, own_jobs
from app.ui import jobs as job_pictures
from app.ui.text import plain
from app.ui.view import View
from ingest.derive import thresholds
from ingest.derive.thresholds import (
    CRITERIA,
    DEFAULTS,
    LIMITS,
    SCORED,
    SHOWN_ONLY,
    Thresholds,
    ThresholdsInvalid,
    Value,
)
from ingest.lake.errors import LakeError

UNITS = {
    "uptake.ideal_from": "min", "uptake.ideal_to": "min", "uptake.too_long": "min",
    "dose.ideal_from": "MBq/kg", "dose.ideal_to": "MBq/kg", "dose.plausible_from": "MBq/kg",
    "dose.plausible_to": "MBq/kg", "timing.study_conflict": "min",
}  # fmt: skip
SAID = "qa_thresholds_said"
"""What the last change came to: told once, above the page."""


def draw(view: View) -> None:
    """The form, folded, and what the last change came to; ends the page if the file is damaged."""
    t = view.texts
    assert view.databank is not None
    job_pictures.running(view, "derive")
    for kind, sentence in st.session_state.pop(SAID, ()):
        (st.success if kind == "done" else st.error)(plain(sentence))
    try:
        now = thresholds.read(view.databank.root)
    except ThresholdsInvalid as error:
        st.error(f"{t('error.ThresholdsInvalid')} {plain(str(error))}")
        st.button(t("qa.reset"), on_click=_reset, args=(view,), key="qa_reset")
        ending.end()
    changed = sum(now[key] != DEFAULTS[key] for key in now)
    label = t("qa.thresholds_changed", n=t.number(changed)) if changed else t("qa.thresholds")
    with st.expander(label, icon=":material/tune:"):
        _form(view, now)
        if changed:
            st.button(
                t("qa.reset"), on_click=_reset, args=(view,), key="qa_reset",
                icon=":material/restart_alt:",
            )  # fmt: skip


def _form(view: View, now: Thresholds) -> None:
    t = view.texts
    st.caption(t("qa.thresholds_help"))
    with st.form("qa_thresholds", border=False):
        with st.grid(columns=4, min_column_width=190, gap="small"):
            for key in LIMITS:
                _number(t, key, now.number(key))
        st.markdown(f"**{t('qa.criteria')}**", help=t("qa.criteria_help"))
        for family in SCORED:
            st.multiselect(
                t(f"threshold.score_{family}"), list(CRITERIA), default=now.criteria(family),
                key=_key(f"score.{family}"), select_all=False,
                format_func=lambda name: t(f"criterion.{name}"),
            )  # fmt: skip
        st.form_submit_button(t("qa.save"), type="primary", on_click=_save, args=(view, now))


def _number(t: Texts, key: str, value: float) -> None:
    limits, unit = LIMITS[key], UNITS.get(key, "")
    kind = int if limits.whole else float
    name = t(f"threshold.{key.replace('.', '_')}")
    st.number_input(
        f"{name} ({unit})" if unit else name, kind(limits.low), kind(limits.high), kind(value),
        step=kind(1) if limits.whole or limits.high > 1 else 0.01, key=_key(key),
        format="%d" if limits.whole else "%g",
        help=t("qa.acts_at_once" if key in SHOWN_ONLY else "qa.acts_later"),
    )  # fmt: skip


def _key(key: str) -> str:
    return f"qa_threshold_{key.replace('.', '_')}"


def _save(view: View, before: Thresholds) -> None:
    """Write what the form says; for callbacks."""
    changes: dict[str, Value | None] = {}
    for key in before:
        given = st.session_state.get(_key(key), before[key])
        value: Value = tuple(given) if isinstance(given, list | tuple) else float(given)
        if value != before[key] and _as_set(value) != _as_set(before[key]):
            changes[key] = value
    _change(view, changes)


def _reset(view: View) -> None:
    """All thresholds as they are without the file; for callbacks."""
    _change(view, dict.fromkeys(DEFAULTS))
    for key in DEFAULTS:
        st.session_state.pop(_key(key), None)


def _as_set(value: Value) -> object:
    """The order of criteria does not matter."""
    return frozenset(value) if isinstance(value, tuple) else value


def _change(view: View, changes: Mapping[str, Value | None]) -> None:
    t = view.texts
    assert view.databank is not None
    root = view.databank.root
    before = _read(view)
    try:
        after = thresholds.write(root, changes)
    except ThresholdsInvalid as error:
        name = t.find(f"threshold.{error.key.replace('.', '_')}", error.key)
        st.session_state[SAID] = [("failed", t("qa.not_saved", name=name, why=str(error)))]
        return
    except LakeError as error:
        sentence = t.find(f"error.{type(error).__name__}", str(error))
        st.session_state[SAID] = [("failed", sentence)]
        return
    if before is not None and not after.needs_derivation(before):
        st.session_state[SAID] = [("done", t("qa.saved"))]
        return
    own_jobs.remember(jobs.start("derive", view.name, []))
    st.session_state[SAID] = [("done", t("qa.saved_derives"))]


def _read(view: View) -> Thresholds | None:
    assert view.databank is not None
    try:
        return thresholds.read(view.databank.root)
    except LakeError:
        return None
