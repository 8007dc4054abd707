"""The history of ingests: all runs, what became of the files of one, and what can be read again."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from app import jobs
from app.jobs.again import MOST
from app.jobs.record import Kind
from app.queries import Order
from app.ui import cards, own_jobs, tables
from app.ui.moments import local, minutes_east
from app.ui.reasons import advice
from app.ui.tables import Row, Shown
from app.ui.text import plain
from app.ui.view import View, chosen, open_page
from ingest.lake.errors import LakeError
from ingest.progress import OUTCOMES

RUN = "run"
"""In the address: the run that is looked at."""
LISTED = Shown(
    "began", hidden=("run_id",), columns=("began", "state", "seen", *OUTCOMES, "seconds")
)
BY_REASON = Order("reason", then=("file_id",))
FILES = Shown(hidden=("file_id", "run_id"))
BEFORE = "reason_files_before"
WORDS = {"new": "runs.new", "all": "runs.every", "unread": "runs.unread"}
HELP = {"new": "runs.new_help", "all": "runs.all_help", "unread": "runs.unread_help"}


def listed(view: View) -> str:
    """All runs; gives the id of the one that is looked at, or ""."""
    t = view.texts
    st.subheader(t("runs.runs"), anchor=False)
    latest_first, shown = (
        Order("began", True, ("run_id",)),
        LISTED._replace(hint=t("runs.open_hint")),
    )
    opened = tables.paged(view, "run_list", latest_first, shown, minutes=minutes_east())
    if opened:
        st.query_params[RUN] = opened["run_id"]
    run = chosen(RUN)
    if run and view.ask("one_run", run=run).is_empty():  # of another databank
        del st.query_params[RUN]
        return ""
    return run


def one(view: View, run: str) -> None:
    """A run: its numbers, which add up, and what has been read again since."""
    t = view.texts
    row = view.ask("one_run", run=run).row(0, named=True)
    with st.container(border=True, key="one_run"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            st.subheader(t("runs.one", when=plain(local(row["started"]))), anchor=False)
            st.button(t("runs.all"), icon=":material/close:", key="all_runs", on_click=_all)
        cards.row(view, {name: row[name] for name in ("seen", *OUTCOMES)}, key="run_cards")
        told = t("job.adds_up", **{name: t.number(row[name]) for name in ("seen", *OUTCOMES)})
        state = t.find(f"job.{row['state']}", row["state"])
        took = t("job.took", time=t.duration(row["seconds"]))
        st.caption(plain(f"{state}: {told} {took}."))
        since = row["seen"] - row["unchanged"] - row["still"]
        if since > 0:
            st.caption(t("runs.since", files=t.count("files", since)))
        _about(view, row)
        _again(view, row)


def reasons(view: View, run: str) -> tuple[str, str] | None:
    """Why files did not become instances; gives status and reason of the row that was chosen."""
    t = view.texts
    st.subheader(t("runs.reasons"), anchor=False)
    found = view.ask("run_reasons", run=run) if run else view.ask("file_reasons")
    if found.is_empty():
        st.success(t("runs.no_reasons"), icon=":material/check:")
        return None
    st.caption(t("runs.reasons_hint"))
    told = pl.Series("advice", [advice(t, reason) for reason in found["reason"]], pl.String)
    shown = found.with_columns(told).select("status", "reason", "files", "bytes", "advice")
    shown = shown.sort(pl.col("status") != "error", maintain_order=True)  # the errors first
    row = tables.whole(view, shown, f"reasons_{run}", Shown(choose=True))
    return (row["status"], row["reason"] or "") if row else None


def files(view: View, run: str, about: tuple[str, str] | None) -> None:
    """The files behind the reasons, or behind the one that was chosen."""
    t = view.texts
    st.subheader(t("runs.files"), anchor=False)
    if about:
        st.caption(t("runs.only", reason=plain(about[1])))
    if not view.identifiers:
        st.caption(t("runs.hidden_paths"))
    status, reason = about or ("", "")
    if st.session_state.get(BEFORE) != (run, about):
        st.session_state[BEFORE] = (run, about)
        st.session_state.pop("table_reason_files_page", None)  # other files, from their beginning
    if run or about:
        tables.paged(view, "reason_files", BY_REASON, FILES, run=run, status=status, reason=reason)
    else:
        tables.paged(view, "problem_files", BY_REASON, FILES)


def unread(view: View, n: int) -> None:
    """The button that reads once more what could not be read, in any run."""
    if n:
        _button(view, "unread", n, "")


def _all() -> None:
    st.query_params.pop(RUN, None)


def _about(view: View, row: Row) -> None:
    """Versions, processes, and the sources, which are paths."""
    t = view.texts
    with st.expander(t("runs.about"), type="compact"):
        st.caption(plain(f"{row['versions']} · {t('runs.workers', n=t.number(row['workers']))}"))
        if not view.identifiers:
            st.caption(t("job.hidden_source"))
            return
        sources = row["sources"] or []
        st.code("\n".join(" ".join(s.split("\n")) for s in sources[:20]), language=None)
        if len(sources) > 20:
            st.caption(t("ingest.and_more", n=t.number(len(sources) - 20)))


def _again(view: View, row: Row) -> None:
    with st.container(horizontal=True, gap="small"):
        _button(view, "new", 0, row["run_id"])
        _button(view, "all", 0, row["run_id"])
        wrong = view.ask("run_reasons", run=row["run_id"]).filter(status="error")["files"].sum()
        if wrong:
            _button(view, "unread", int(wrong), row["run_id"])


def _button(view: View, what: str, n: int, run: str) -> None:
    """A button that starts a job and goes to where it is seen."""
    t = view.texts
    label = t(WORDS[what], n=t.number(n))
    pressed = st.button(
        label, icon=":material/replay:", key=f"{what}_{run}", disabled=n > MOST,
        help=t("runs.too_many", n=t.number(MOST)) if n > MOST else t(HELP[what]),
    )  # fmt: skip
    if pressed:
        kind: Kind = "unread" if what == "unread" else "run"
        options: dict[str, Any] = {"force": what != "new", "run": run}
        try:
            own_jobs.remember(jobs.start(kind, view.name, [], **options))
        except (OSError, LakeError):
            st.error(t("ingest.cannot_start"))
        else:
            open_page("ingest")
