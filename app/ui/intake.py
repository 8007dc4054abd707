"""The form that starts an ingest: paths or an upload, and the databank they go into."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import streamlit as st

from app import jobs
from app.i18n import Texts
from app.jobs import uploads
from app.ui.text import plain
from app.ui.view import View
from ingest.job import name_after
from ingest.lake import databank as databanks
from ingest.lake.errors import BadName, LakeError

WAYS = ("path", "upload")


def form(view: View) -> None:
    """Draw the form; starts a job when its button is pressed and what it needs is there."""
    t = view.texts
    with st.container(border=True, key="intake"):
        way = st.segmented_control(
            t("ingest.title"), WAYS, default="path", required=True, key="way",
            format_func=lambda way: t(f"ingest.from_{way}"), label_visibility="collapsed",
        )  # fmt: skip
        paths, files = (_paths(t), []) if way == "path" else ([], _files(t))
        left, right = st.columns([2, 1], vertical_alignment="bottom")
        with left:
            name = _databank(view)
        with right:
            force = st.toggle(t("ingest.force"), key="force")
        if st.button(t("ingest.start"), type="primary", icon=":material/play_arrow:", key="start"):
            problem = _start(view, paths, files, name, force)
            if problem:
                st.error(plain(problem), icon=":material/error:")
            else:
                st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1
                st.session_state["ingest_started"] = True
                st.rerun()
        if st.session_state.pop("ingest_started", False):
            st.success(t("ingest.started"), icon=":material/check:")


def _paths(t: Texts) -> list[str]:
    text = st.text_area(
        t("ingest.path"), key="paths", height=80, placeholder=t("ingest.path_placeholder"),
        help=t("ingest.path_help"),
    )  # fmt: skip
    return [line.strip().strip('"') for line in (text or "").splitlines() if line.strip()]


def _files(t: Texts) -> list[Any]:
    # A new key empties the box after the files were taken.
    return st.file_uploader(
        t("ingest.upload"), accept_multiple_files=True, help=t("ingest.upload_help"),
        key=f"upload_{st.session_state.get('uploads', 0)}",
    )  # fmt: skip


def _databank(view: View) -> str:
    t = view.texts
    names = databanks.names()
    chosen = st.selectbox(
        t("ingest.into"), names, index=names.index(view.name) if view.name in names else None,
        accept_new_options=True, placeholder=t("ingest.into_placeholder"), key="into",
        help=t("ingest.into_help"),
    )  # fmt: skip
    return str(chosen or "").strip()


def _start(view: View, paths: list[str], files: list[Any], name: str, force: bool) -> str:
    """Start the job; gives what is wrong as a sentence, "" if nothing is."""
    t = view.texts
    missing = [path for path in paths if "://" not in path and not os.path.exists(_expanded(path))]
    if missing:
        return t("ingest.path_missing", path=missing[0])
    if not paths and not files:
        return t("ingest.need_source")
    try:
        name = databanks.validate_name(name or name_after(paths[0] if paths else files[0].name))
        if paths:
            jobs.start("path", name, [_expanded(path) for path in paths], force=force)
        else:
            folder = uploads.keep(name, ((file.name, file) for file in files))
            jobs.start("upload", name, [str(folder)], force=force)
    except (BadName, LakeError) as error:
        return t.find(f"error.{type(error).__name__}", str(error))
    except OSError as error:
        return error.strerror or t("error.DatabankNotWritable")
    return ""


def _expanded(path: str) -> str:
    return path if "://" in path else os.path.abspath(Path(path).expanduser())
