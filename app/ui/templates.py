"""The page of templates: which one, what it has, how its sheet begins for the filtered series."""

from __future__ import annotations

import polars as pl
import streamlit as st

from app.export.workbook import Workbook, prepared
from app.ui import choice, template_kept, workbook
from app.ui.template_words import said
from app.ui.text import plain
from app.ui.view import View
from ingest import templates
from ingest.templates import COMMON, NAME, Library, TemplateInvalid
from ingest.templates.entry import Entry
from ingest.templates.template import Template

CHOSEN = "templates_chosen"
HEADS = ("column", "meaning", "unit", "source", "read_from", "phi", "part")


def choose(view: View) -> tuple[Library, str]:
    """The templates of the databank, and the one that is looked at."""
    assert view.databank is not None
    t = view.texts
    library = templates.read(view.databank.root)
    broken = {error.name: error for error in library.troubles if error.name}
    names = sorted({*library.templates, *broken})
    for error in library.troubles:
        st.error(plain(said(t, error)), icon=":material/error:")
    wanted = st.session_state.pop(f"{CHOSEN}_next", None)
    if wanted in names:
        st.session_state[CHOSEN] = wanted
    elif st.session_state.get(CHOSEN) not in (None, *names):
        st.session_state.pop(CHOSEN)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = choice.choose(
            t("templates.which"), names, CHOSEN,
            lambda one: _called(view, library, one, one in broken), first="mr", width=420,
        )  # fmt: skip
        _new(view, library, names)
    return library, name


def listed(view: View, library: Library, name: str) -> None:
    """What a template is for, and its columns with their meaning."""
    t = view.texts
    template = library.templates.get(name)
    if template is None:
        st.info(t("templates.broken"))
        return
    try:
        entries = library.entries(name)
    except TemplateInvalid as error:
        st.error(plain(said(t, error)))
        return
    if template.description:
        st.markdown(plain(template.description))
    used = t.any_of([plain(one) for one in template.modalities])
    purpose = t("templates.used_for", modalities=used) if used else t("templates.used_if_chosen")
    if name == COMMON:
        purpose = t("templates.used_else")
    rows = t(f"templates.{template.rows}")
    st.caption(f"{purpose} {rows} {t.count('columns', len(entries))}.")
    st.dataframe(
        _table(view, template, entries), hide_index=True, key="templates_table", placeholder=""
    )


def preview(view: View, typed: Template | None) -> None:
    """How the sheet of a template begins for the filtered series of its modalities."""
    assert view.databank is not None
    t = view.texts
    if typed is None:
        st.info(t("templates.no_preview"))
        return
    wanted = Workbook(view.databank, view.filters, sheets=("DICOM_Metadata",))
    there = prepared(wanted).modalities
    fitting = [one for one in there if one in typed.modalities] or [one for one in there if one]
    where = f"Modality IN ({', '.join(map(_quoted, fitting))})" if fitting else "false"
    content = templates.text(typed)
    uses = tuple((modality, typed.name) for modality in fitting)
    made = workbook.ready(
        view,
        Workbook(
            view.databank, view.filters, where, ("DICOM_Metadata",), ((typed.name, content),), uses
        ),
    )
    if not made.sheets or not made.sheets[0].rows:
        st.info(t("templates.nothing_to_preview"))
        return
    workbook.draw(view, made, made.sheets[0])


def _table(view: View, template: Template, entries: tuple[Entry, ...]) -> pl.DataFrame:
    t = view.texts
    own = {one.name for one in template.entries}
    rows = [
        (
            one.name,
            one.column.description if one.column else one.meaning,
            one.column.unit if one.column else "",
            "; ".join(one.column.source) if one.column else one.source,
            t("templates.typed" if one.column or not one.source else "templates.element"),
            bool(one.column and one.column.phi),
            t("templates.own_part" if one.name in own else "templates.included_part"),
        )
        for one in entries
    ]
    titles = [t(f"templates.head_{name}") for name in HEADS]
    kinds = [pl.Boolean if name == "phi" else pl.String for name in HEADS]
    return pl.DataFrame(rows, schema=dict(zip(titles, kinds, strict=True)), orient="row")


def _called(view: View, library: Library, name: str, broken: bool) -> str:
    t = view.texts
    if broken:
        return f"{name} – {t('templates.is_broken')}"
    kind = "templates.is_default"
    if name in library.own:
        kind = "templates.is_changed" if templates.default(name) else "templates.is_own"
    return f"{name} – {t(kind)}"


def _new(view: View, library: Library, names: list[str]) -> None:
    t = view.texts
    with st.popover(t("templates.new"), icon=":material/add:", key="templates_new"):
        name = st.text_input(t("templates.name"), key="templates_name", max_chars=32)
        like = st.selectbox(t("templates.like"), sorted(library.templates), key="templates_like")
        if name and not NAME.fullmatch(name):
            st.error(t("templates.bad_name"))
        elif name in names:
            st.error(t("templates.taken"))
        st.button(
            t("templates.make"), key="templates_make", type="primary", on_click=_make,
            args=(view, library, name, str(like)),
            disabled=not NAME.fullmatch(name or "") or name in names,
        )  # fmt: skip


def _make(view: View, library: Library, name: str, like: str) -> None:
    """Keep a copy of a template under another name; for callbacks."""
    one = library.templates[like]
    content = templates.text(Template(name, one.entries, (), one.rows, one.include))
    template_kept.save(view, name, content)
    st.session_state[f"{CHOSEN}_next"] = name
    st.session_state.pop("templates_name", None)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
