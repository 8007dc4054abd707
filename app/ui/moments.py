"""Moments as the person in front of the screen counts time; the lake and the jobs keep UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import streamlit as st


def minutes_east() -> int:
    """How many minutes the browser's clock is ahead of UTC now; without one, this computer's."""
    behind = st.context.timezone_offset
    if behind is not None:
        return -int(behind)
    offset = datetime.now().astimezone().utcoffset() or timedelta()
    return int(offset.total_seconds()) // 60


def local(moment: datetime) -> str:
    """A moment, to the minute, by the same clock for all moments."""
    shifted = moment.astimezone(UTC) + timedelta(minutes=minutes_east())
    return shifted.strftime("%Y-%m-%d %H:%M")
