"""The parts of the page of one study: timeline, nuclear medicine, findings, private data, files."""

from __future__ import annotations

import io
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from app import queries
from app.charts import timeline
from app.dicom_json import write_study
from app.ui import facts, tables
from app.ui import nuclear as nuclear_parts
from app.ui.pictures import modality_colours, picture
from app.ui.tables import Row, Shown
from app.ui.text import plain
from app.ui.view import View

OPENS = Shown("SeriesDescription", hidden=("SeriesInstanceUID",))
MOST_NAMED = 12
MOST_AS_JSON = 1_000
"""Instances that are written as JSON when a button is pressed: some seconds of work."""
SEVERITIES = ("error", "warning", "info")


def when(view: View, study: str) -> None:
    """When its series were acquired; those without a bar are named."""
    t = view.texts
    arranged = timeline.arranged(view.ask("study_timeline", study=study))
    if not arranged.shown.is_empty():
        modality = pl.col("Modality").fill_null("").alias("modality")
        looks = modality_colours(
            view, arranged.shown.group_by(modality).agg(series=pl.len().cast(pl.Int64))
        )
        day = arranged.shown["acquisition_datetime_min"][0].date().isoformat()
        figure = timeline.timeline(arranged.shown, t, looks)
        picture(t("study.timeline", day=day), figure, "timeline", t("study.timeline_note"))
    if arranged.n_more:
        st.caption(t("study.timeline_more", series=t.count("series", arranged.n_more)))
    for name, rows in (("elsewhere", arranged.elsewhere), ("undated", arranged.undated)):
        if not rows.is_empty():
            st.caption(t(f"study.{name}", series=named(view, rows)))


def named(view: View, rows: pl.DataFrame) -> str:
    """Series by number, description and modality, as text for Markdown."""
    t = view.texts
    first = rows.head(MOST_NAMED).select("SeriesNumber", "SeriesDescription", "Modality")
    told = [
        plain(f"{'' if number is None else number} {text or t('table.unnamed')} ({kind or '–'})")
        for number, text, kind in first.iter_rows()
    ]
    more = rows.height - len(told)
    return ", ".join(told) + (f", {t('study.and_more', n=t.number(more))}" if more else "")


def nuclear(view: View, study: str, derived: dict[str, Any]) -> Row | None:
    """What was injected and how it was measured; gives the series that was opened.

    ``derived`` is the row of the study, with the values of its representative series.
    """
    t = view.texts
    series = view.ask("study_nuclear", study=study)
    if series.is_empty():
        return None
    st.subheader(t("study.nuclear"), anchor=False)
    facts.show(view, derived, facts.NUCLEAR)
    given = view.ask("study_radiopharmaceuticals", study=study)
    if given.is_empty():
        st.caption(t("study.nothing_given"))
    else:
        one = given["item"].n_unique() == 1
        tables.whole(view, given, "study_given", Shown(hidden=("item",) if one else ()))
    nuclear_parts.pet_dose_of(view, study)
    return tables.whole(view, series, "study_nuclear", OPENS)


def findings(view: View, study: str) -> Row | None:
    """What was found, rule by rule: why it matters and what to do; gives the series opened."""
    t = view.texts
    found = view.ask("study_findings", study=study)
    if found.is_empty():
        st.success(t("study.no_findings"), icon=":material/check:")
        return None
    summed = found.group_by("severity", "rule", maintain_order=True).agg(n=pl.len())
    for severity, rule, n in summed.iter_rows():
        title = f"**{plain(t.find(f'finding.{rule}', rule))}** · {t.count('findings', n)}"
        box = {"error": st.error, "warning": st.warning}.get(severity, st.info)
        box(f"{title}  \n{t.find(f'todo.{rule}', '')}")
    words = {name: t(f"severity.{name}") for name in SEVERITIES}
    row = tables.whole(
        view, found.with_columns(pl.col("severity").replace(words)), "study_findings",
        Shown(hidden=("SeriesInstanceUID", "SOPInstanceUID", "rule"), choose=True),
    )  # fmt: skip
    return row if row and row["SeriesInstanceUID"] else None


def private(view: View, study: str) -> None:
    """Private elements by creator."""
    t = view.texts
    found = view.ask("study_private", study=study)
    if found.is_empty():
        st.info(t("study.no_private"))
        return
    st.caption(t("study.private_hint"))
    tables.whole(view, found, "study_private")


def files(view: View, study: str) -> None:
    """Where the files were read."""
    t = view.texts
    st.caption(t("study.files_hint" if view.identifiers else "study.files_hidden"))
    found = view.ask("study_files", study=study)
    archive, folder = pl.lit(t("study.archive")), pl.lit(t("study.folder"))
    kind = pl.when("in_archive").then(archive).otherwise(folder)
    hidden = ("run_id",) if view.identifiers else ("run_id", "in_archive")
    tables.whole(view, found.with_columns(in_archive=kind), "study_files", Shown(hidden=hidden))


def dicom_json(view: View, study: dict[str, Any]) -> None:
    """All headers of the study as DICOM JSON: a file, or for a large study the command for it."""
    uid = study["StudyInstanceUID"]
    if not uid:
        return
    t = view.texts
    name = f"{view.name or 'taglake'}-study.json"
    with st.popover(
        t("study.json"), icon=":material/data_object:", type="tertiary", key="study_json"
    ):
        st.caption(t("study.json_hint"))
        st.caption(t("study.json_shown" if view.identifiers else "study.json_masked"))
        if study["n_instances"] <= MOST_AS_JSON:
            st.download_button(
                t("study.json_save"), data=partial(_as_json, view, uid), file_name=name,
                mime="application/dicom+json", on_click="ignore", key="study_json_save",
                icon=":material/download:", width="stretch", type="primary",
            )  # fmt: skip
        else:
            st.caption(t("study.json_long"))
        shown = " --identifiers" if view.identifiers else ""
        command = f"./taglake header --study {uid} --json -d {view.name}{shown} -o {name}"
        st.code(command, language="bash", wrap_lines=True)


def _as_json(view: View, uid: str) -> bytes:
    assert view.databank is not None
    file = io.BytesIO()
    write_study(queries.lake(view.databank), uid, file)
    return file.getvalue()
