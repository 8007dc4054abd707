"""Jobs on the screen: live while they run, with numbers that add up when they have ended.

Those that run are looked at every second, by themselves, so that the rest of the page stays still;
when one ends the whole page is drawn again, as the databank is new or has grown.
"""

from __future__ import annotations

import streamlit as st

from app import jobs
from app.i18n import Texts
from app.jobs import Job
from app.ui import job_result, own_jobs
from app.ui.moments import local
from app.ui.text import plain
from app.ui.view import View
from ingest.lake import databank
from ingest.progress import files_per_second, seconds_left
from ingest.records import Progress

SHOWN = 6
LOOKED_AT = 30
"""Jobs among which those that run are looked for: as many as are kept."""
DEMO = "demo"
EVERY_SECONDS = 1.0
MARKS = {
    "running": "blue", "waiting": "gray", "done": "green", "interrupted": "orange", "failed": "red",
}  # fmt: skip
ICONS = {
    "running": ":material/sync:", "waiting": ":material/hourglass_empty:",
    "done": ":material/check:", "interrupted": ":material/pause:", "failed": ":material/error:",
}  # fmt: skip


def demo_button(view: View) -> None:
    """Starts the job that makes the demo files and ingests them."""
    running = any(job.kind == DEMO and job.running for job in jobs.latest(LOOKED_AT))
    if st.button(
        view.texts("empty.demo_button"), type="primary", icon=":material/play_arrow:",
        disabled=running, key="make_demo",
    ):  # fmt: skip
        own_jobs.remember(jobs.start("demo", DEMO, []))
        st.rerun()


def latest(view: View) -> None:
    """The latest jobs: those that run, then the others."""
    found = jobs.latest(LOOKED_AT)
    if not found:
        return
    st.subheader(view.texts("ingest.jobs"), anchor=False)
    running = tuple(job.name for job in found if job.running)
    if running:
        st.fragment(_running, run_every=EVERY_SECONDS)(view, running)
    ended = [job for job in found if not job.running][: max(1, SHOWN - len(running))]
    for number, job in enumerate(ended):
        with st.container(border=True, key=f"job_{job.name}"):
            _head(view, job)
            job_result.draw(view, job, whole=not number)


def running(view: View, kind: str) -> None:
    """The jobs of a kind that run on the databank of the view, live."""
    found = [job for job in jobs.latest(LOOKED_AT) if job.running and job.kind == kind]
    names = tuple(job.name for job in found if job.databank == view.name)
    if names:
        st.fragment(_running, run_every=EVERY_SECONDS)(view, names)


def _running(view: View, names: tuple[str, ...]) -> None:
    found = [job for job in map(jobs.read, names) if job]
    ended = [job for job in found if not job.running]
    if ended or len(found) < len(names):
        for job in ended:
            _show(job)
        st.rerun(scope="app")
    for job in found:
        with st.container(border=True, key=f"job_{job.name}"):
            _head(view, job)
            _progress(view.texts, job)


def _show(job: Job) -> None:
    """Let the next run be about the databank of a job of this session."""
    if own_jobs.includes(job.name) and job.databank in databank.names():
        st.session_state["databank_next"] = job.databank


def _head(view: View, job: Job) -> None:
    """State, databank and time; where the files come from; the button that stops it."""
    t = view.texts
    state = "waiting" if job.waiting else job.state
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        title = t("job.demo") if job.kind == DEMO else job.databank
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.badge(t(f"job.{state}"), icon=ICONS[state], color=MARKS[state])  # type: ignore[arg-type]
            st.markdown(f"**{plain(title)}** · {plain(local(job.started))}", width="content")
        if job.running:
            st.button(
                t("job.cancelling" if job.stopping else "job.cancel"), icon=":material/stop:",
                help=t("job.cancel_help"), disabled=job.stopping, key=f"stop_{job.name}",
                on_click=jobs.cancel, args=(job.name,),
            )  # fmt: skip
    st.caption(job_result.source(view, job))


def _progress(t: Texts, job: Job) -> None:
    if job.waiting:
        st.markdown(t("job.waiting_text"))
    elif job.kind == "derive":
        st.progress(0.5, t("job.deriving"))
    elif job.numbers is None:
        making = job.made is not None and job.made < 1
        st.progress(job.made or 0.0, t("job.demo_step" if making else "job.planning"))
    else:
        _bar(t, job.numbers)


def _bar(t: Texts, numbers: Progress) -> None:
    """How far it is: files, files a second, what is wrong with them, time that is left."""
    planned, left = numbers.planned + numbers.unchanged, seconds_left(numbers)
    seen, told = t.number(numbers.seen), [t("job.rate", rate=t.number(files_per_second(numbers)))]
    told.append(t.count("errors", numbers.error))
    if numbers.not_dicom:
        told.append(t("job.not_dicom", n=t.number(numbers.not_dicom)))
    if numbers.planning:
        st.progress(0.0, t("job.progress_planning", seen=seen))
    elif planned <= numbers.seen:  # members of archives are not known before they are read
        st.progress(1.0, t("job.finishing", seen=seen))
    else:
        st.progress(numbers.seen / planned, t("job.progress", seen=seen, planned=t.number(planned)))
        if left is not None:
            told.append(t("job.remaining", time=t.duration(left)))
    told.append(t("job.elapsed", time=t.duration(numbers.seconds)))
    st.caption(plain(" · ".join(told)))
