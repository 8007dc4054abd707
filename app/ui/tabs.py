"""Tabs of which the open one stays open when the language of their labels changes."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.elements.lib.mutable_tab_container import TabContainer


def draw(labels: Sequence[str], key: str) -> Sequence[TabContainer]:
    """The tabs under their labels; each tells by ``open`` whether it is the one that is shown."""
    last = f"{key}_nth"
    if st.session_state.get(key) not in labels:  # it is a label of another language
        st.session_state[key] = labels[st.session_state.get(last, 0)]
    tabs = st.tabs(labels, key=key, on_change="rerun")
    st.session_state[last] = next((nth for nth, tab in enumerate(tabs) if tab.open), 0)
    return tabs
