"""The HTML document of each page: Streamlit's own, told where its server is.

Streamlit's front end looks for the server below a page's address first
(``/studies/_stcore/health``) and then above it, so whoever opens a link or reloads has two answers
of 404 in the console. It does not look where ``window.__streamlit`` names the server, which
Streamlit has for sites that embed it; the documents of our pages do so, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.routing import Route

INDEX = Path(st.__file__).with_name("static") / "index.html"
# The folder of the page rather than "/": a proxy may serve the app below an address of its own.
TOLD = "<script>window.__streamlit = {BACKEND_BASE_URL: new URL('.', location).href}</script>\n"


def routes(pages: Iterable[str], first: str) -> list[Route]:
    """Routes for ``st.App``: one for each page, by its name in the address.

    ``first`` is the page that is shown without a name, which Streamlit knows by no other address.
    """
    document = told(INDEX.read_text(encoding="utf-8"))

    def answer(request: Request) -> HTMLResponse:
        return HTMLResponse(document, headers={"Cache-Control": "no-cache"})

    def nameless(request: Request) -> RedirectResponse:
        return RedirectResponse(f"./?{request.url.query}" if request.url.query else "./")

    return [Route(f"/{page}", nameless if page == first else answer) for page in pages]


def told(document: str) -> str:
    """The document with the server named before its first script; ValueError if it has none."""
    before, script, after = document.partition("<script")
    if not script:
        raise ValueError("Streamlit's index.html has no script.")
    return f"{before}{TOLD}{script}{after}"
