"""The box for uploads: files or a folder, told by their first bytes before anything is stored."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import streamlit as st

from app.i18n import Texts
from app.jobs import uploads
from app.jobs.contents import HEAD, REFUSED, content
from app.ui.text import plain

MOST_MB = 1024
"""Of one file, as in .streamlit/config.toml."""
MOST_BYTES = 4 * 10**9
"""Of all files together: they pass through the memory of the server."""
TAKEN = {"archive": "archive_files", "dicom": "dicom_files", "unknown": "unknown_files"}
REFUSALS: dict[str, str] = {
    "program": "ingest.refused_program", "pdf": "ingest.refused_pdf",
    "image": "ingest.refused_image", "video": "ingest.refused_video",
    "office": "ingest.refused_office", "rar": "ingest.refused_rar",
}  # fmt: skip
ROUND = "uploads"
"""How often the box was emptied: its key, as it can't be emptied otherwise."""


class Chosen(NamedTuple):
    """Files that were chosen: those that are taken in, and how many are of which content."""

    files: tuple[Any, ...] = ()
    contents: Counter[str] = Counter()  # noqa: RUF012

    @property
    def bytes(self) -> int:
        """Size of what is taken in."""
        return sum(file.size for file in self.files)


def box(t: Texts, *, folder: bool) -> Chosen:
    """Draw the box; what was chosen, and a line that says what it is."""
    files = st.file_uploader(
        t("ingest.upload_folder" if folder else "ingest.upload"),
        accept_multiple_files="directory" if folder else True,
        help=t("ingest.upload_help", one=t.size(MOST_MB * 2**20), all=t.size(MOST_BYTES)),
        key=f"upload_{'folder' if folder else 'files'}_{st.session_state.get(ROUND, 0)}",
    )  # fmt: skip
    chosen = told(files or [])
    if chosen.contents:
        _say(t, chosen)
    return chosen


def empty() -> None:
    """Empty the boxes from the next run on."""
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1


def told(files: list[Any]) -> Chosen:
    """The files told apart by their first bytes."""
    kinds = [content(_head(file)) for file in files]
    taken = (file for file, kind in zip(files, kinds, strict=True) if kind not in REFUSED)
    return Chosen(tuple(taken), Counter(kinds))


def problem(t: Texts, chosen: Chosen) -> str:
    """Why these files can't be stored, as a sentence; "" if they can."""
    if not chosen.contents:
        return t("ingest.need_source")
    if not chosen.files:
        return t("ingest.all_refused")
    if chosen.bytes > MOST_BYTES:
        return t("ingest.too_large", size=t.size(chosen.bytes), most=t.size(MOST_BYTES))
    lacking = uploads.lacking(chosen.bytes)
    return t("ingest.no_room", size=t.size(lacking)) if lacking else ""


def _head(file: Any) -> bytes:
    file.seek(0)
    return bytes(file.read(HEAD))


def _say(t: Texts, chosen: Chosen) -> None:
    """What was chosen, and what of it is refused."""
    counts = chosen.contents
    parts = [t.count(noun, counts[kind]) for kind, noun in TAKEN.items() if counts[kind]]
    if parts:
        st.caption(plain(f"{', '.join(parts)} · {t.size(chosen.bytes)}"))
    refused = [
        f"{t(REFUSALS[kind])} ({t.number(counts[kind])})" for kind in REFUSED if counts[kind]
    ]
    if refused:
        st.warning(
            plain(t("ingest.refused", kinds=", ".join(refused))), icon=":material/block:"
        )  # fmt: skip
