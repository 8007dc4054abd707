"""A job that has ended: its numbers, what went wrong, where to go from here, and once more."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app import jobs
from app.jobs import Job, uploads
from app.ui import cards, job_words, own_jobs
from app.ui.text import plain
from app.ui.view import View, path
from ingest.lake import databank
from ingest.lake.errors import LakeError
from ingest.progress import OUTCOMES
from ingest.sources import printable

REPEATED = {"run": "job.of_run", "unread": "job.of_unread"}
UPLOADED = {"kept": "job.upload_kept", "there": "job.upload_there", "gone": "job.upload_gone"}
CHOICES = {
    "new": "job.again_new", "all": "job.again_all", "unread": "job.again_unread",
    "discard": "job.again_discard",
}  # fmt: skip


def source(view: View, job: Job) -> str:
    """Where the files of a job come from, as a line of Markdown."""
    t = view.texts
    if job.kind == "demo":
        return t("empty.demo_text")
    if job.kind == "derive":
        return t("job.of_derive")
    if job.kind in ("run", "unread"):
        return t(REPEATED[job.kind])
    if job.kind == "upload":
        return t(UPLOADED[_upload_state(job)])
    sources = ", ".join(map(printable, job.sources))
    return plain(sources) if view.identifiers else t("job.hidden_source")


def draw(view: View, job: Job, *, whole: bool) -> None:
    """The end of a job; not the ``whole`` of it: without cards, which the latest job has."""
    t = view.texts
    if job.numbers:
        numbers = {name: int(getattr(job.numbers, name)) for name in ("seen", *OUTCOMES)}
        if whole:
            cards.row(view, numbers, key=f"cards_{job.name}")
        told = t("job.adds_up", **{name: t.number(n) for name, n in numbers.items()})
        st.caption(plain(told) + " " + t("job.took", time=t.duration(job.numbers.seconds)))
        if job.state == "done" and not any(numbers[n] for n in ("ok", "duplicate", "unchanged")):
            st.markdown(t("job.nothing"))
    for message in job_words.messages(t, job, view.identifiers):
        st.markdown(plain(message))
    if job.state == "failed" and not job.messages:
        st.markdown(t("job.lost"))
    if job.state == "interrupted":
        st.markdown(t("job.kept"))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _links(view, job)
        _again(view, job)


def _links(view: View, job: Job) -> None:
    t = view.texts
    if job.databank not in databank.names():
        return
    numbers, address = job.numbers, {"databank": job.databank}
    if numbers and numbers.ok + numbers.duplicate + numbers.unchanged:
        st.page_link(
            path("studies"), label=t("ingest.open_studies"), icon=":material/arrow_forward:",
            query_params=address,
        )  # fmt: skip
    if job.run_id:
        wrong = numbers and numbers.not_dicom + numbers.error + numbers.duplicate
        st.page_link(
            path("runs"), label=t("ingest.open_reasons" if wrong else "ingest.open_run"),
            icon=":material/fact_check:", query_params={**address, "run": job.run_id},
        )  # fmt: skip


def _again(view: View, job: Job) -> None:
    """What can be done once more, in a menu; nothing where nothing can."""
    t = view.texts
    choices = _choices(job)
    if not choices:
        return
    choice = st.menu_button(
        t("job.again"), choices, key=f"again_{job.name}", icon=":material/replay:",
        format_func=lambda choice: t(CHOICES[choice]), help=t("job.again_help"),
    )  # fmt: skip
    if choice:
        try:
            _do(job, str(choice))
        except (LakeError, OSError):
            st.error(t("ingest.cannot_start"))
        else:
            st.rerun()


def _choices(job: Job) -> list[str]:
    if job.kind == "demo":
        return []
    there = {"path": True, "run": True, "upload": _upload_state(job) != "gone"}.get(job.kind, False)
    choices = ["new", "all"] if there else []
    known = job.run_id and job.databank in databank.names()
    if known and job.numbers and job.numbers.error and job.kind != "upload":
        choices.append("unread")
    return [*choices, "discard"] if there and job.kind == "upload" else choices


def _do(job: Job, choice: str) -> None:
    if choice == "discard":
        uploads.discard(Path(job.sources[0]))
        return
    if choice == "unread":
        name = jobs.start("unread", job.databank, [], force=True, run=job.run_id)
    else:
        name = jobs.start(
            job.kind, job.databank, job.sources, force=choice == "all", run=job.run,
        )  # fmt: skip
    own_jobs.remember(name)


def _upload_state(job: Job) -> str:
    """What is or will be of uploaded files: kept, there as long as they are needed, or gone."""
    folder = Path(job.sources[0]) if job.sources else None
    if folder is None or not uploads.is_upload(folder):
        return "gone"
    return "kept" if uploads.is_kept(folder) else "there"
