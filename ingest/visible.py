"""Text from elsewhere, made safe to show on a terminal."""

from __future__ import annotations


def visible(text: str) -> str:
    """The text with control and other unprintable characters as escapes: ``\\x1b``, ``\\n``.

    So no header and no file name can move the cursor, colour the screen or title the window.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
