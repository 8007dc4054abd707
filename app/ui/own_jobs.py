"""Which jobs this session started: when they have ended their databank is shown, not to others."""

from __future__ import annotations

import streamlit as st

SLOT = "own_jobs"


def remember(name: str) -> None:
    """Take a job for one of this session."""
    st.session_state.setdefault(SLOT, set()).add(name)


def includes(name: str) -> bool:
    """Whether this session started the job."""
    return name in st.session_state.get(SLOT, ())
