"""The report in a browser without a network: drawn, silent, and on pages of paper."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from app.queries import Databank
from app.report import report


@pytest.mark.parametrize(("theme", "identifiers"), [("light", True), ("dark", False)])
def test_a_report_needs_nothing_else(
    chromium: Browser, home: Path, tmp_path: Path, theme: str, identifiers: bool
) -> None:
    file = tmp_path / "report.html"
    file.write_bytes(report(Databank(home / "databanks" / "full", identifiers)))
    context = chromium.new_context(color_scheme=theme, offline=True)  # type: ignore[arg-type]
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(file.as_uri())
    assert page.title() == "Report: full"
    sizes = page.eval_on_selector_all(
        "svg[role=img]", "all => all.map(s => [s.getBBox().width, s.getBBox().height])"
    )
    assert len(sizes) > 15
    assert all(width > 200 and height > 50 for width, height in sizes)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 25, 29)"}[theme]
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    page.emulate_media(media="print", color_scheme=theme)  # type: ignore[arg-type]
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    context.close()
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) > 1
    assert asked == [file.as_uri()]
    assert said == []
