"""The entry of the app: the list of pages, the sidebar, and the view that all pages look at.

Run by ``streamlit run app/main.py``; Streamlit puts only this file's folder on the path, so the
root is added here.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402

from app.ui import sidebar, style, view  # noqa: E402

st.set_page_config(page_title="Taglake", page_icon=str(ROOT / "app/ui/icon.svg"), layout="wide")
st.logo(str(ROOT / "app/ui/logo.svg"), icon_image=str(ROOT / "app/ui/icon.svg"), size="large")
style.apply()

now = sidebar.draw()
st.session_state[view.SLOT] = now
t = now.texts


def page(name: str, icon: str, *, listed: bool = True, default: bool = False) -> view.st.Page:  # type: ignore[name-defined]
    """A page of the app; one about a single study or series is not in the menu."""
    return st.Page(
        view.path(name), title=t.find(f"{name}.nav", t(f"{name}.title")), icon=f":material/{icon}:",
        url_path=name, default=default, visibility="visible" if listed else "hidden",
    )  # fmt: skip


st.navigation(
    {
        t("app.explore"): [
            page("studies", "table_rows", default=True),
            page("study", "folder_open", listed=False),
            page("series", "layers", listed=False),
        ],
        t("app.data"): [page("ingest", "upload"), page("runs", "fact_check")],
    }
).run()
