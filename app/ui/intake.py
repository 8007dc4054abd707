"""The form that starts an ingest: paths or an upload, and the databank they go into."""

from __future__ import annotations

import os
from typing import NamedTuple

import streamlit as st

from app import jobs
from app.i18n import Texts
from app.jobs import places, uploads
from app.jobs.places import NoSource, Why
from app.jobs.record import Kind
from app.ui import own_jobs, upload
from app.ui.text import plain
from app.ui.upload import Chosen
from app.ui.view import View
from ingest.job import name_after
from ingest.lake import databank as databanks
from ingest.lake.errors import BadName, LakeError
from ingest.sources import printable

WAYS = ("path", "upload", "folder")
RECENT = 8
WRONG: dict[Why, str] = {
    "missing": "ingest.path_missing", "unreadable": "ingest.path_unreadable",
    "irregular": "ingest.path_irregular", "scheme": "ingest.path_scheme",
    "inside": "ingest.path_inside",
}  # fmt: skip
TOLD = 5
"""Lines that are named where several are wrong."""


class Wanted(NamedTuple):
    """What the form says."""

    lines: tuple[str, ...] = ()
    chosen: Chosen = Chosen()
    name: str = ""
    keep: bool = False
    force: bool = False
    workers: int | None = None
    uploaded: bool = False


def form(view: View) -> None:
    """Draw the form; starts a job when its button is pressed and what it needs is there."""
    t = view.texts
    with st.container(border=True, key="intake"):
        way = st.segmented_control(
            t("ingest.title"), WAYS, default="path", required=True, key="way",
            format_func=lambda way: t(f"ingest.from_{way}"), label_visibility="collapsed",
        )  # fmt: skip
        if way == "path":
            wanted = Wanted(lines=_lines(view))
        else:
            chosen = upload.box(t, folder=way == "folder")
            keep = st.toggle(t("ingest.keep"), key="keep", help=t("ingest.keep_help"))
            wanted = Wanted(chosen=chosen, keep=keep, uploaded=True)
        wanted = wanted._replace(name=_databank(view))
        with st.expander(t("ingest.more"), type="compact"):
            force, workers = _options(t)
        if st.button(t("ingest.start"), type="primary", icon=":material/play_arrow:", key="start"):
            problems = start(view, wanted._replace(force=force, workers=workers))
            if not problems:
                upload.empty()
                st.session_state["ingest_started"] = True
                st.rerun()
            st.error("  \n".join(map(plain, problems)), icon=":material/error:")
        if st.session_state.pop("ingest_started", False):
            st.success(t("ingest.started"), icon=":material/check:")


def _lines(view: View) -> tuple[str, ...]:
    t = view.texts
    text = st.text_area(
        t("ingest.path"), key="paths", height=80, placeholder=t("ingest.path_placeholder"),
        help=t("ingest.path_help"),
    )  # fmt: skip
    _recent(view)
    return tuple(line for line in (text or "").splitlines() if line.strip())


def _recent(view: View) -> None:
    """Sources of earlier jobs, which are paths and so offered only while identifiers are shown."""
    t = view.texts
    used = [s for job in jobs.latest() if job.kind == "path" for s in job.sources]
    if not used:
        return
    if not view.identifiers:
        st.caption(t("ingest.recent_hidden"))
        return
    shown = list(dict.fromkeys(map(printable, used)))[:RECENT]
    st.menu_button(
        t("ingest.recent"), shown, key="recent", icon=":material/history:", type="tertiary",
        help=t("ingest.recent_help"), format_func=plain, on_click=_add_recent,
    )  # fmt: skip


def _add_recent() -> None:
    """Add the chosen source to the box, unless it is there."""
    lines = str(st.session_state.get("paths") or "").splitlines()
    source = str(st.session_state.get("recent") or "")
    if source and source not in lines:
        st.session_state["paths"] = "\n".join([*filter(str.strip, lines), source])


def _databank(view: View) -> str:
    t = view.texts
    names = databanks.names()
    chosen = st.selectbox(
        t("ingest.into"), names, index=names.index(view.name) if view.name in names else None,
        accept_new_options=True, placeholder=t("ingest.into_placeholder"), key="into",
        help=t("ingest.into_help"),
    )  # fmt: skip
    return str(chosen or "").strip()


def _options(t: Texts) -> tuple[bool, int | None]:
    cores = os.cpu_count() or 1
    force = st.toggle(t("ingest.force"), key="force", help=t("ingest.force_help"))
    workers = st.number_input(
        t("ingest.workers"), 1, max(cores, 2), cores, key="workers", width=240,
        help=t("ingest.workers_help", n=t.number(cores)),
    )  # fmt: skip
    return force, None if workers == cores else int(workers or cores)


def start(view: View, wanted: Wanted) -> list[str]:
    """Start the job; gives what is wrong, a sentence each, nothing if it has been started."""
    t = view.texts
    sources, problems = _sources(t, wanted)
    if problems:
        return problems
    try:
        given = sources[0] if sources else wanted.chosen.files[0].name
        name = databanks.validate_name(wanted.name or name_after(printable(given)))
        if wanted.uploaded:
            files = ((file.name, file) for file in wanted.chosen.files)
            sources = [str(uploads.keep(name, files, for_good=wanted.keep))]
        if _is_twin(name, sources):
            return [t("ingest.twin")]
        kind: Kind = "upload" if wanted.uploaded else "path"
        own_jobs.remember(
            jobs.start(kind, name, sources, force=wanted.force, workers=wanted.workers)
        )
    except (BadName, LakeError) as error:
        return [t.find(f"error.{type(error).__name__}", str(error))]
    except OSError:
        return [t("ingest.cannot_start")]
    return []


def _sources(t: Texts, wanted: Wanted) -> tuple[list[str], list[str]]:
    """The paths that are meant, and what is wrong with the lines or the files."""
    if wanted.uploaded:
        problem = upload.problem(t, wanted.chosen)
        return [], [problem] if problem else []
    if not wanted.lines:
        return [], [t("ingest.need_source")]
    sources, problems = [], []
    for line in wanted.lines:
        try:
            sources.append(places.found(line))
        except NoSource as error:
            problems.append(t(WRONG[error.why], path=line.strip()))
    if len(problems) > TOLD:
        more = t("ingest.and_more", n=t.number(len(problems) - TOLD))
        problems = [*problems[:TOLD], more]
    return list(dict.fromkeys(sources)), problems


def _is_twin(name: str, sources: list[str]) -> bool:
    """Whether the same is being ingested into the same databank at this moment."""
    return any(
        job.running and job.databank == name and set(job.sources) == set(sources)
        for job in jobs.latest()
    )
