"""The entry of the app: the list of pages, the sidebar, and the view that all pages look at.

Run by ``streamlit run app/main.py``, which imports this file once for the server, ``app``, and runs
it as a script for each person and each click. Streamlit puts only this file's folder on the path,
so the root is added here.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402

from app.errors import QueryFailed  # noqa: E402
from app.i18n import Texts  # noqa: E402
from app.ui import document, frame, sidebar, sql, style, view  # noqa: E402
from ingest.lake.errors import LakeError  # noqa: E402

ICON = str(ROOT / "app" / "ui" / "icon.svg")
LOGO = str(ROOT / "app" / "ui" / "logo.svg")


def page(t: Texts, name: str, icon: str, **options: Any) -> Any:
    """The page in ``pages/<name>.py``, called what the texts call it."""
    title = t.find(f"{name}.nav", t(f"{name}.title"))
    return st.Page(
        view.path(name), title=title, icon=f":material/{icon}:", url_path=name, **options
    )


# Section, page, icon, in the order of the menu; pages about one thing are not in the menu.
MENU = (
    ("explore", "overview", "space_dashboard"),
    ("explore", "studies", "table_rows"),
    ("explore", "mr", "neurology"),
    ("explore", "compare", "difference"),
    ("explore", "private", "key"),
    ("quality", "qa", "rule"),
    ("quality", "nuclear", "radiology"),
    ("quality", "dose", "vital_signs"),
    ("quality", "scanners", "scanner"),
    ("quality", "findings", "flag"),
    ("ask", "sql", "terminal"),
    ("ask", "dictionary", "menu_book"),
    ("data", "workbook", "table_view"),
    ("data", "templates", "view_column"),
    ("data", "ingest", "upload"),
    ("data", "runs", "fact_check"),
)
DETAILS = (("study", "folder_open"), ("series", "layers"))


def pages(t: Texts) -> dict[str, list[Any]]:
    """All pages by section, the first of the menu as the one that is opened without a name."""
    sections: dict[str, list[Any]] = {}
    for number, (section, name, icon) in enumerate(MENU):
        entry = page(t, name, icon, default=number == 0)
        sections.setdefault(t(f"app.{section}"), []).append(entry)
    hidden = [page(t, name, icon, visibility="hidden") for name, icon in DETAILS]
    sections[t("app.explore")] += hidden
    return sections


def main() -> None:
    """Draw what surrounds a page, then the page."""
    st.set_page_config(page_title="Taglake", page_icon=ICON, layout="wide")
    st.logo(LOGO, icon_image=ICON, size="large")
    style.apply()
    now = sidebar.draw()
    st.session_state[view.SLOT] = now
    chosen = st.navigation(pages(now.texts), position="top")
    if chosen.url_path != "sql":
        sql.leave()  # a statement is not answered for a page that is not looked at
    try:
        chosen.run()
    except (LakeError, QueryFailed) as error:
        frame.broken(now, error)


if __name__ == "__main__":
    main()
else:
    names = [name for _, name, _ in MENU] + [name for name, _ in DETAILS]
    app = st.App(__file__, routes=document.routes(names, first=names[0]))
