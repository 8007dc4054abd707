"""Text from files is shown as it is, wherever Markdown or HTML is read."""

from __future__ import annotations

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from app.i18n import texts
from app.ui.facts import value_text
from app.ui.text import html, plain

NASTY = (
    "![x](http://example.com/x.png)", "[link](http://example.com)", "<img src=x onerror=alert(1)>",
    "# title", "* item", "1. item", "    code", "`code`", "**bold** _it_ ~~del~~", "$x^2$", "a | b",
    "---", "> quote", "http://example.com", ":red[x]", "&amp; &#60;", "\\*", "t1_mprage_sag_p2",
)  # fmt: skip


@pytest.mark.parametrize("text", NASTY)
def test_markdown_shows_it_as_it_is(text: str) -> None:
    rendered = (
        MarkdownIt("commonmark", {"linkify": False})
        .enable(["table", "strikethrough"])
        .render(plain(text))
    )
    assert (
        rendered
        == f"<p>{escape(' '.join(text.split()), quote=False).replace(chr(34), '&quot;')}</p>\n"
    )


@given(st.text(min_size=1).filter(lambda s: s.split()))
def test_any_text_is_one_paragraph(text: str) -> None:
    rendered = MarkdownIt().render(plain(text))
    assert rendered.count("<") == 2  # <p> and </p>


def test_html_is_escaped() -> None:
    assert html('<b title="x">&\'') == "&lt;b title=&quot;x&quot;&gt;&amp;&#x27;"


def test_values_as_people_read_them() -> None:
    from datetime import date, datetime, time

    en, de = texts("en"), texts("de")
    assert value_text(en, 0.4882810000001) == "0.488281"
    assert value_text(de, 0.5) == "0,5"
    assert value_text(en, [50.0, 400.0, None]) == "50, 400"
    assert value_text(en, datetime(2020, 1, 2, 3, 4, 5, 678900)) == "2020-01-02 03:04:05"
    assert value_text(en, date(2020, 1, 2)) == "2020-01-02"
    assert value_text(en, time(3, 4, 5, 600)) == "03:04:05"
    assert value_text(en, 4.2167, "scan_duration_minutes") == "4 min 13 s"
