"""Text from files on its way to the screen: never markup, whatever it holds.

Streamlit reads titles, labels and captions as Markdown, in which a series description could draw a
picture from another host; so such text is written as character references, or as escaped HTML.
"""

from __future__ import annotations

import re
from html import escape

_MARKUP = re.compile(r"[!-/:-@\[-`{-~]")


def plain(text: str) -> str:
    """``text`` for a place that reads Markdown, shown as it is and on one line."""
    one_line = " ".join(text.split())
    return _MARKUP.sub(lambda mark: f"&#{ord(mark[0])};", one_line)


def html(text: str) -> str:
    """``text`` for a place that reads HTML."""
    return escape(text, quote=True)
