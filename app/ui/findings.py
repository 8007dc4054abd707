"""The parts of the page of findings: charts, the rules, what one of them means, and its rows."""

from __future__ import annotations

from functools import partial
from typing import Any

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl
import streamlit as st

from app import charts
from app.charts import findings as pictures_of
from app.charts.findings import SEVERITIES
from app.charts.period import period
from app.dashboards import findings
from app.dashboards.findings import Compared
from app.queries import Order
from app.ui import cards, tables
from app.ui.choice import choose
from app.ui.moments import local
from app.ui.pictures import palette, picture
from app.ui.tables import Row, Shown
from app.ui.text import plain
from app.ui.view import View, chosen

RULE = "rule"
"""In the address: the rule that is looked at."""
LEVELS = ("file", "instance", "series", "study", "patient", "lake")
SINCE = ("new", "known", "gone")
OF_SERIES = ("instance", "series", "study")
"""Levels of findings that can be opened."""
GRAVEST = Order("gravity", then=("rule", "StudyInstanceUID", "SeriesInstanceUID", "path"))
COLUMNS = (
    "message", "severity", "rule", "level", "since", "StudyDate", "StudyDescription",
    "SeriesDescription", "Manufacturer", "ManufacturerModelName", "n_affected", "reference",
)  # fmt: skip
UIDS = ("StudyInstanceUID", "SeriesInstanceUID")
BEFORE = "findings_before"


def prepare(view: View, totals: dict[str, Any]) -> Compared:
    """What findings are compared with; the questions of the page are asked side by side."""
    run = findings.compared(view.everything().ask("findings_runs"))
    view.prepare({"findings_rules": {"run": run.run}, "findings_counts": _counted(totals, run)})
    return run


def summary(view: View, run: Compared) -> pl.DataFrame:
    """The numbers, and what is new or gone; gives the rules that are broken."""
    t = view.texts
    rules = view.ask("findings_rules", run=run.run)
    numbers = findings.totals(rules)
    words = {name: "–" for name in ("new_since", "gone_since") if not run.run}
    cards.row(view, {**numbers, **words})
    when = local(run.before) if run.before else ""
    st.markdown(f":material/history: {plain(findings.sentence(t, run, numbers, when))}")
    if view.filters and rules.filter(level="file").height:
        st.caption(t("findings.files"))
    return rules


def pictures(view: View, run: Compared, totals: dict[str, Any], rules: pl.DataFrame) -> None:
    """Findings by rule, level, scanner, study date and run."""
    t = view.texts
    wanted = _counted(totals, run)
    counts = view.ask("findings_counts", **wanted)
    days = partial(charts.days, unit=wanted["unit"])
    runs = view.everything().ask("findings_runs")
    shown = period(totals)
    note = findings.not_shown(t, counts, shown)
    left, right = st.columns(2, gap="medium")
    with left:
        _bars(view, "by_rule", findings.by_rule(t, rules))
    with right:
        _bars(view, "by_scanner", findings.by_scanner(t, counts), filters="model")
        _bars(
            view, "by_date", findings.by_date(shown.near(counts), days), filters="dates", note=note
        )
    left, right = st.columns(2, gap="medium")
    with left:
        _bars(view, "by_level", findings.by_level(t, counts))
    with right:
        _bars(view, "by_run", findings.by_run(t, counts, runs, local))


def _bars(
    view: View, name: str, counts: list[pictures_of.Count], *, filters: str = "", note: str = ""
) -> None:
    t = view.texts

    def figure() -> go.Figure:
        if name in ("by_date", "by_run"):
            return pictures_of.upright(counts, t, palette(), dates=name == "by_date")
        return pictures_of.ranked(counts, t, palette())

    picture(
        t(f"findings.{name}"), figure(), f"findings_{name}", note,
        help=t.find(f"findings.{name}_help", ""), filters=filters,
    )  # fmt: skip


def listed(view: View, run: Compared, rules: pl.DataFrame) -> str:
    """All rules that are broken, and what the one that was chosen means; gives its id or ""."""
    t = view.texts
    st.subheader(t("findings.rules"), anchor=False)
    st.caption(t("findings.rules_hint"))
    shown = Shown("rule", columns=(
        "rule", "severity", "level", "n_findings", "n_studies", "n_affected", "n_new", "n_gone",
        "reference",
    ))  # fmt: skip
    row = tables.whole(view, rules, "findings_rules", shown, "findings_rules", run=run.run)
    if row:
        st.query_params[RULE] = row["rule"]
    name = chosen(RULE)
    if name not in rules["rule"]:
        st.query_params.pop(RULE, None)
        return ""
    explained(view, rules.filter(rule=name).row(0, named=True))
    return name


def explained(view: View, row: Row) -> None:
    """What a rule looks at, what its findings mean, what to do, and where it is written."""
    t = view.texts
    told = findings.rule(t, row["rule"], row["reference"] or "")
    with st.container(border=True, key="one_rule"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            graded = t.find(f"graded.{row['severity']}", row["severity"])
            st.subheader(f"{plain(graded)} · {plain(told.title)}", anchor=False)
            st.button(
                t("findings.all_rules"), icon=":material/close:", key="all_rules", on_click=_all
            )
        for key, text in (("what", told.looks_at), ("why", told.advice)):
            if text:
                st.markdown(f"**{t(f'findings.{key}')}**  \n{plain(text)}")
        rest = plain(told.reference)
        for name, address in told.sources:
            rest = rest.replace(plain(name), f"[{plain(name)}]({address})")
        st.markdown(f"**{t('findings.reference')}**  \n{rest}")


def rows(view: View, run: Compared, rule: str) -> Row | None:
    """The findings themselves; gives the one that was opened."""
    t = view.texts
    st.subheader(t("findings.rows"), anchor=False)
    with st.container(horizontal=True, gap="medium", key="findings_choice"):
        severity = _pick(view, "severity", SEVERITIES, "graded")
        level = _pick(view, "level", LEVELS, "level")
        since = _pick(view, "since", SINCE, "since") if run.run else ""
    wanted = {"rule": rule, "severity": severity, "level": level, "since": since, "run": run.run}
    if st.session_state.get(BEFORE) != wanted:
        st.session_state[BEFORE] = wanted
        st.session_state.pop("table_findings_rows_page", None)  # others, from their beginning
    if not view.count("findings_rows", **wanted):
        st.info(t("findings.no_rows"), icon=":material/search_off:")
        return None
    hidden = () if run.run else ("since",)
    names = tuple(name for name in COLUMNS if name not in hidden)
    shown = Shown(
        "message", (*UIDS, "level", "gravity"), columns=names, hint=t("findings.rows_hint")
    )
    row = tables.paged(view, "findings_rows", GRAVEST, shown, **wanted)
    return row if row and row["level"] in OF_SERIES else None


def _pick(view: View, what: str, values: tuple[str, ...], words: str) -> str:
    t = view.texts
    return choose(
        t(f"findings.{what}"), ("", *values), f"findings_{what}",
        lambda value: t(f"{words}.{value}") if value else t("findings.any"), width=190,
    )  # fmt: skip


def _all() -> None:
    st.query_params.pop(RULE, None)


def _counted(totals: dict[str, Any], run: Compared) -> dict[str, Any]:
    """The parameters of the question that counts."""
    return {"run": run.run, "unit": period(totals).unit}
