"""The app as ``AppTest`` runs it: opened at an address, page by page, without a browser."""

from __future__ import annotations

from html import unescape
from pathlib import Path

from streamlit.testing.v1 import AppTest

from app.i18n import LANGUAGES
from app.ui.view import View

ROOT = Path(__file__).resolve().parents[2]
MAIN = ROOT / "app" / "main.py"
PAGES = tuple(sorted(path.stem for path in (ROOT / "pages").glob("*.py")))
WRITTEN = (
    "title", "header", "subheader", "markdown", "caption", "info", "warning", "error", "success",
    "html", "metric", "button", "code",
)  # fmt: skip
"""Kinds of elements that say something."""


def visit(page: str = "", language: str = "en", **address: str | list[str]) -> AppTest:
    """The app after a visit of a page; ``address`` is the query string."""
    app = AppTest.from_file(MAIN, default_timeout=30)
    if language != "en":
        address["lang"] = LANGUAGES[language]
    for key, value in address.items():
        app.query_params[key] = value
    app.run()
    return go(app, page, **address) if page else app


def go(app: AppTest, page: str, **address: str | list[str]) -> AppTest:
    """The same session on another page."""
    app.switch_page(f"../pages/{page}.py")
    for key, value in address.items():
        app.query_params[key] = value
    return app.run()


def view(app: AppTest) -> View:
    """What the app looks at."""
    found = app.session_state["view"]
    assert isinstance(found, View)
    return found


def texts(app: AppTest) -> str:
    """All that is written on the page, character references resolved."""
    found: dict[str, list[object]] = {kind: [] for kind in WRITTEN}
    for element in app._tree:  # once: a page has hundreds of them
        if element.type in found:
            found[element.type].append(element)
    return unescape(
        "\n".join(
            str(getattr(element, name))
            for elements in found.values()
            for element in elements
            for name in ("label", "value", "body")
            if hasattr(element, name)
        )
    )


def metrics(app: AppTest) -> dict[str, str]:
    """The cards: what is on them, and the number."""
    return {card.label: card.value for card in app.metric}
