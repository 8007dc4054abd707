"""The editor of templates, which says at once what is wrong.

A template is edited as it is kept: an entry a line. What is being typed lives in the session until
it is saved.
"""

from __future__ import annotations

import json
import re

import streamlit as st

from app.ui import template_kept
from app.ui.template_words import said
from app.ui.text import plain
from app.ui.view import View
from ingest import templates
from ingest.header import dictionary
from ingest.lake.tables import tables_of
from ingest.templates import COMMON, Library, TemplateInvalid
from ingest.templates.entry import columns
from ingest.templates.template import Template, parse

FOUND = 24
"""Names that a search offers."""


def edit(view: View, library: Library, name: str) -> Template | None:
    """The editor; gives the template as it is typed, if it means something."""
    assert view.databank is not None
    t = view.texts
    slot = template_kept.slot_of(view, name)
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


def n_columns(library: Library, typed: Template) -> int:
    """How many columns a template has with those that it includes."""
    return len(library.with_given(typed).entries(typed.name))


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
            disabled=typed is None, on_click=template_kept.save, args=(view, name, _content(slot)),
            help=t("templates.save_help"),
        )  # fmt: skip
        st.button(
            t("templates.reset" if is_default else "templates.delete"), key="templates_reset",
            icon=":material/restart_alt:" if is_default else ":material/delete:",
            disabled=not is_own and not any(e.name == name for e in library.troubles),
            on_click=template_kept.forget, args=(view, name),
        )  # fmt: skip
        st.download_button(
            t("templates.download"), data=_content(slot), file_name=f"{name}.json",
            mime="application/json", on_click="ignore", icon=":material/download:",
            key="templates_download",
        )  # fmt: skip
