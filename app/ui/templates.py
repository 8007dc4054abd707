"""The page of templates: what each has, an editor that says at once what is wrong, and a preview.

A template is edited as it is kept: an entry a line. What is being typed lives in the session until
it is saved; it is previewed on the filtered series before that.
"""

from __future__ import annotations

import json
import re

import polars as pl
import streamlit as st

from app.export.workbook import Workbook, prepared
from app.i18n import Texts
from app.ui import choice, workbook
from app.ui.template_words import said
from app.ui.text import plain
from app.ui.view import View
from ingest import templates
from ingest.header import dictionary
from ingest.lake.errors import LakeError
from ingest.lake.tables import tables_of
from ingest.templates import COMMON, NAME, Library, TemplateInvalid
from ingest.templates.entry import Entry, columns
from ingest.templates.template import Template, parse

SAID = "templates_said"
CHOSEN = "templates_chosen"
HEADS = ("column", "meaning", "unit", "source", "read_from", "phi", "part")
FOUND = 24
"""Names that a search offers."""


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


def say() -> None:
    """What became of the last click."""
    for kind, sentence in st.session_state.pop(SAID, ()):
        if kind == "done":
            st.success(plain(sentence), icon=":material/check:")
        else:
            st.error(plain(sentence), icon=":material/error:")


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


def edit(view: View, library: Library, name: str) -> Template | None:
    """The editor; gives the template as it is typed, if it means something."""
    assert view.databank is not None
    t = view.texts
    slot = _slot(view, name)
    others = [one for one in sorted(library.templates) if one != name]
    _begin(slot, library.templates.get(name) or library.templates[COMMON], others)
    st.text_input(t("templates.description"), key=f"{slot}_description", max_chars=500)
    left, middle, right = st.columns(3, gap="small")
    left.text_input(
        t("templates.modalities"), key=f"{slot}_modalities", help=t("templates.modalities_help")
    )
    middle.segmented_control(
        t("templates.rows"), ("series", "instances"), key=f"{slot}_rows", required=True,
        format_func=lambda rows: t(f"templates.{rows}_short"), help=t("templates.rows_help"),
    )  # fmt: skip
    right.multiselect(
        t("templates.include"), others, key=f"{slot}_include", help=t("templates.include_help"),
    )  # fmt: skip
    st.text_area(
        t("templates.entries"), key=f"{slot}_entries", height=320, help=t("templates.entries_help")
    )
    _search(view, slot)
    typed, why = _typed(view, library, slot, name)
    if typed is None:
        st.error(plain(why), icon=":material/error:")
    else:
        st.success(t("templates.sound", columns=t.count("columns", n_columns(library, typed))))
    _buttons(view, library, name, slot, typed)
    return typed


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


def n_columns(library: Library, typed: Template) -> int:
    """How many columns a template has with those that it includes."""
    return len(library.with_given(typed).entries(typed.name))


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
    _save(view, name, content)
    st.session_state[f"{CHOSEN}_next"] = name
    st.session_state.pop("templates_name", None)


def _slot(view: View, name: str) -> str:
    version = st.session_state.get(f"templates_version_{name}", 0)
    return f"template_{view.name}_{name}_{version}"


def _begin(slot: str, template: Template, others: list[str]) -> None:
    """Fill the editor with the template as it is kept, once."""
    values = {
        "description": template.description, "modalities": ", ".join(template.modalities),
        "rows": template.rows, "include": [one for one in template.include if one in others],
        "entries": "\n".join(one.name for one in template.entries),
    }  # fmt: skip
    # Widgets forget what they hold when another page is looked at; this does not.
    kept = st.session_state.setdefault(f"{slot}_kept", values)
    for key, value in values.items():
        st.session_state.setdefault(f"{slot}_{key}", kept.get(key, value))
        kept[key] = st.session_state[f"{slot}_{key}"]


def _typed(view: View, library: Library, slot: str, name: str) -> tuple[Template | None, str]:
    """The template that the editor holds, or what is wrong with it."""
    assert view.databank is not None
    try:
        found = parse(name, _content(slot), tables_of(view.databank.root))
        library.with_given(found)
    except TemplateInvalid as error:
        return None, said(view.texts, TemplateInvalid(*error.wrong))
    return found, ""


def _content(slot: str) -> str:
    """The file that the editor's widgets mean."""
    lines = st.session_state[f"{slot}_entries"].splitlines()
    modalities = re.split(r"[,;\s]+", st.session_state[f"{slot}_modalities"].strip())
    content = {
        "description": st.session_state[f"{slot}_description"],
        "modalities": [one.upper() for one in modalities if one],
        "rows": st.session_state[f"{slot}_rows"] or "series",
        "include": list(st.session_state[f"{slot}_include"]),
        "columns": [line.strip().strip(",").strip('"') for line in lines if line.strip()],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _search(view: View, slot: str) -> None:
    """Names that have a word in them, to be added with a click."""
    assert view.databank is not None
    t = view.texts
    asked = st.text_input(
        t("templates.search"), key=f"{slot}_search", placeholder=t("templates.search_example")
    )
    if not asked or len(asked) < 2:
        return
    names = matching(asked, {*columns(tables_of(view.databank.root)), *dictionary.keywords()})
    if not names:
        st.caption(t("templates.not_found"))
        return
    with st.container(horizontal=True, gap="small"):
        for one in names:
            st.button(
                one, key=f"{slot}_add_{one}", on_click=_add, args=(slot, one), type="tertiary"
            )


def matching(asked: str, names: set[str]) -> list[str]:
    """Names with the words that were asked, those that begin with them first, then the shortest."""
    words = asked.casefold().split()
    found = [one for one in names if all(word in one.casefold() for word in words)]
    begins = words[0] if words else ""
    found.sort(key=lambda one: (not one.casefold().startswith(begins), len(one), one))
    return found[:FOUND]


def _add(slot: str, name: str) -> None:
    text = st.session_state[f"{slot}_entries"].rstrip("\n")
    st.session_state[f"{slot}_entries"] = f"{text}\n{name}" if text else name


def _buttons(
    view: View, library: Library, name: str, slot: str, typed: Template | None
) -> None:  # fmt: skip
    t = view.texts
    is_default = templates.default(name) is not None
    is_own = name not in library.templates or name in library.own
    with st.container(horizontal=True):
        st.button(
            t("templates.save"), icon=":material/save:", type="primary", key="templates_save",
            disabled=typed is None, on_click=_save, args=(view, name, _content(slot)),
            help=t("templates.save_help"),
        )  # fmt: skip
        st.button(
            t("templates.reset" if is_default else "templates.delete"), key="templates_reset",
            icon=":material/restart_alt:" if is_default else ":material/delete:",
            disabled=not is_own and not any(e.name == name for e in library.troubles),
            on_click=_reset, args=(view, name),
        )  # fmt: skip
        st.download_button(
            t("templates.download"), data=_content(slot), file_name=f"{name}.json",
            mime="application/json", on_click="ignore", icon=":material/download:",
            key="templates_download",
        )  # fmt: skip


def _save(view: View, name: str, content: str) -> None:
    """Keep a template in the databank; for callbacks."""
    assert view.databank is not None
    t = view.texts
    try:
        templates.write(view.databank.root, name, content)
    except LakeError as error:
        st.session_state[SAID] = [("failed", _failed(t, error))]
        return
    _again(name)
    st.session_state[SAID] = [("done", t("templates.saved", name=name))]


def _reset(view: View, name: str) -> None:
    """Forget the databank's own template; for callbacks."""
    assert view.databank is not None
    t = view.texts
    try:
        templates.remove(view.databank.root, name)
    except LakeError as error:
        st.session_state[SAID] = [("failed", _failed(t, error))]
        return
    _again(name)
    st.session_state[SAID] = [("done", t("templates.removed", name=name))]


def _failed(t: Texts, error: LakeError) -> str:
    if isinstance(error, TemplateInvalid):
        return said(t, error)
    return t.find(f"error.{type(error).__name__}", str(error))


def _again(name: str) -> None:
    """Let the editor begin anew with what is kept."""
    key = f"templates_version_{name}"
    st.session_state[key] = st.session_state.get(key, 0) + 1


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
