"""Text from files on its way to the screen: never markup, whatever it holds.

Streamlit reads titles, labels and captions as Markdown, in which a series description could draw a
picture from another host; so such text is written as character references, or as escaped HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Any

import polars as pl

_MARKUP = re.compile(r"[!-/:-@\[-`{-~]")


def plain(text: str) -> str:
    """``text`` for a place that reads Markdown, shown as it is and on one line."""
    one_line = " ".join(text.split())
    return _MARKUP.sub(lambda mark: f"&#{ord(mark[0])};", one_line)


def html(text: str) -> str:
    """``text`` for a place that reads HTML."""
    return escape(text, quote=True)


def worded(values: pl.Series, said: Callable[[Any], str]) -> pl.Expr:
    """The column of these values, each as what ``said`` says of it.

    Each distinct value is asked for once, before Polars works: a function that Polars calls from
    threads of its own can bring a server of many sessions to a stop (see ``app.columns``).
    """
    distinct = values.unique().drop_nulls().to_list()
    words = {value: said(value) for value in distinct}
    return pl.col(values.name).replace_strict(words, default=None, return_dtype=pl.String)
