"""Templates of a databank kept and forgotten, for callbacks, and what became of the last click."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from app.i18n import Texts
from app.ui.template_words import said
from app.ui.text import plain
from app.ui.view import View
from ingest import templates
from ingest.lake.errors import LakeError
from ingest.templates import TemplateInvalid

SAID = "templates_said"


def say() -> None:
    """What became of the last click."""
    for kind, sentence in st.session_state.pop(SAID, ()):
        if kind == "done":
            st.success(plain(sentence), icon=":material/check:")
        else:
            st.error(plain(sentence), icon=":material/error:")


def slot_of(view: View, name: str) -> str:
    """What the keys of the editor's widgets begin with: another once a template was kept."""
    version = st.session_state.get(f"templates_version_{name}", 0)
    return f"template_{view.name}_{name}_{version}"


def save(view: View, name: str, content: str) -> None:
    """Keep a template in the databank; for callbacks."""
    _change(view, name, lambda root: templates.write(root, name, content), "templates.saved")


def forget(view: View, name: str) -> None:
    """Forget the databank's own template; for callbacks."""
    _change(view, name, lambda root: templates.remove(root, name), "templates.removed")


def _change(view: View, name: str, change: Callable[[Path], object], done: str) -> None:
    """Have a template changed in the databank, and keep the sentence about it for ``say``."""
    assert view.databank is not None
    t = view.texts
    try:
        change(view.databank.root)
    except LakeError as error:
        st.session_state[SAID] = [("failed", _failed(t, error))]
        return
    _again(name)
    st.session_state[SAID] = [("done", t(done, name=name))]


def _failed(t: Texts, error: LakeError) -> str:
    if isinstance(error, TemplateInvalid):
        return said(t, error)
    return t.find(f"error.{type(error).__name__}", str(error))


def _again(name: str) -> None:
    """Let the editor begin anew with what is kept."""
    key = f"templates_version_{name}"
    st.session_state[key] = st.session_state.get(key, 0) + 1
