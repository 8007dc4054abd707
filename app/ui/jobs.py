"""Jobs on the screen: live while they run, with numbers that add up when they have ended."""

from __future__ import annotations

import streamlit as st

from app import jobs
from app.i18n import Texts
from app.jobs import Job
from app.ui import cards
from app.ui.text import plain
from app.ui.view import View, path
from ingest.lake import databank
from ingest.progress import OUTCOMES

SHOWN = 5
DEMO = "demo"
MARKS = {"running": "blue", "done": "green", "interrupted": "orange", "failed": "red"}
ICONS = {
    "running": ":material/sync:", "done": ":material/check:",
    "interrupted": ":material/pause:", "failed": ":material/error:",
}  # fmt: skip


def demo_button(view: View) -> None:
    """Starts the job that makes the demo files and ingests them."""
    running = any(job.kind == DEMO and job.state == "running" for job in jobs.latest(SHOWN))
    if st.button(
        view.texts("empty.demo_button"), type="primary", icon=":material/play_arrow:",
        disabled=running, key="make_demo",
    ):  # fmt: skip
        jobs.start("demo", DEMO, [])
        st.rerun()


def latest(view: View) -> None:
    """The latest jobs; the list looks again every second while one of them runs."""
    found = jobs.latest(SHOWN)
    if found:
        running = [job.name for job in found if job.state == "running"]
        st.fragment(_list, run_every=1.0 if running else None)(view, running)


def _list(view: View, running: list[str]) -> None:
    found = jobs.latest(SHOWN)
    if running and not any(job.state == "running" and job.name in running for job in found):
        ended = next((job for job in found if job.name in running), None)
        if ended and ended.databank in databank.names():
            st.session_state["databank_next"] = ended.databank
        st.rerun(scope="app")  # the databank is new, or has grown
    st.subheader(view.texts("ingest.jobs"), anchor=False)
    for job in found:
        with st.container(border=True, key=f"job_{job.name}"):
            _job(view, job)


def _job(view: View, job: Job) -> None:
    t = view.texts
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        title = t("job.demo") if job.kind == DEMO else job.databank
        when = job.started.astimezone().strftime("%Y-%m-%d %H:%M")
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.badge(t(f"job.{job.state}"), icon=ICONS[job.state], color=MARKS[job.state])  # type: ignore[arg-type]
            st.markdown(f"**{plain(title)}** · {plain(when)}", width="content")
        if job.state == "running":
            st.button(
                t("job.cancelling" if job.stopping else "job.cancel"), icon=":material/stop:",
                help=t("job.cancel_help"), disabled=job.stopping, key=f"stop_{job.name}",
                on_click=jobs.cancel, args=(job.name,),
            )  # fmt: skip
    st.caption(_source(view, job))
    if job.state == "running":
        _progress(t, job)
    else:
        _result(view, job)


def _source(view: View, job: Job) -> str:
    t = view.texts
    if job.kind == DEMO:
        return t("empty.demo_text")
    if not view.identifiers:
        return t("job.hidden_source")
    return plain(", ".join(job.sources))


def _progress(t: Texts, job: Job) -> None:
    numbers = job.last
    if not numbers:
        making = job.made is not None and job.made < 1
        st.progress(job.made or 0.0, t("job.demo_step" if making else "job.planning"))
        return
    seen, planned = numbers["seen"], numbers.get("planned", 0) + numbers["unchanged"]
    rate = seen / numbers["seconds"] if numbers["seconds"] else 0.0
    if numbers.get("planning"):
        st.progress(0.0, t("job.progress_planning", seen=t.count("files", seen)))
        return
    text = t("job.progress", seen=t.number(seen), planned=t.number(planned), rate=t.number(rate))
    if rate and planned > seen:
        text += ", " + t("job.remaining", time=t.duration((planned - seen) / rate))
    st.progress(min(1.0, seen / max(planned, 1)), text)


def _result(view: View, job: Job) -> None:
    t = view.texts
    if job.last:
        numbers = {name: int(job.last[name]) for name in ("seen", *OUTCOMES)}
        cards.row(view, numbers, key=f"cards_{job.name}")
        told = t("job.adds_up", **{name: t.number(n) for name, n in numbers.items()})
        st.caption(plain(told) + " " + t("job.took", time=t.duration(job.last["seconds"])))
        if job.state == "done" and not any(numbers[n] for n in ("ok", "duplicate", "unchanged")):
            st.markdown(t("job.nothing"))
    for message in job.messages:
        for source in () if view.identifiers else job.sources:
            message = message.replace(source, "…")
        st.markdown(plain(message))
    if job.state == "failed" and not job.messages:
        st.markdown(t("job.lost"))
    if job.state != "failed" and job.databank in databank.names():
        st.page_link(
            path("studies"), label=t("ingest.open_studies"), icon=":material/arrow_forward:",
            query_params={"databank": job.databank},
        )  # fmt: skip
