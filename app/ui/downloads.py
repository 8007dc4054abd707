"""The export row of a table: what the table shows, in each format, made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import polars as pl
import streamlit as st

from app.export import FORMATS, Format
from app.ui.view import View


def row(view: View, key: str, n_rows: int, made: Callable[[], pl.DataFrame]) -> None:
    """One button per format; ``made`` gives the frame when a button is pressed, in a thread."""
    t = view.texts
    name = f"{view.name or 'taglake'}-{key.removeprefix('table_')}"
    with st.popover(
        t("table.download"), icon=":material/download:", type="tertiary", key=f"{key}_download"
    ):
        st.caption(t("table.download_help", rows=t.count("rows", n_rows)))
        for format_key, kind in FORMATS.items():
            st.download_button(
                t(f"table.{format_key}"),
                data=partial(_encoded, kind, made),
                file_name=f"{name}.{kind.suffix}",
                mime=kind.mime,
                on_click="ignore",
                key=f"{key}_{format_key}",
                width="stretch",
            )


def _encoded(kind: Format, made: Callable[[], pl.DataFrame]) -> bytes:
    return kind.encode(made())
