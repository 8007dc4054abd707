"""A field to choose from options that are said in words.

Streamlit's front end knows an option by its words. Where these change (another language, another
number behind a name) it would go on showing the old ones, and lose the choice in the next run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st

T = TypeVar("T")


def choose(
    label: str, options: Sequence[T], key: str, said: Callable[[T], str], *,
    first: T | None = None, **settings: Any,
) -> T:  # fmt: skip
    """The option that is chosen, at first ``first`` or the first one; there is at least one."""
    words, slot = [said(option) for option in options], f"{key}_words"
    chosen = st.session_state.get(key, first)
    if chosen in options and st.session_state.get(slot) != words:
        st.session_state[key] = chosen  # the front end takes over what is set here, words and all
    st.session_state[slot] = words
    found = st.selectbox(label, options, key=key, format_func=said, **settings)
    return options[0] if found is None else found
