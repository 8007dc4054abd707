"""What an uploaded file is, by its first bytes: its name proves nothing.

Files that are certainly something else (a program, a PDF, a picture) are not taken in, since they
would be kept on the computer to become nothing but a row. A program is refused also where DICOM
follows: the 128 free bytes before it are a known hiding place (CVE-2019-11687). What cannot be told
is taken in, as DICOM may come without its usual beginning, and the reader decides.
"""

from __future__ import annotations

from typing import Literal

from ingest.sources import archive

HEAD = archive.HEAD
DICOM = slice(128, 132)

Content = Literal[
    "dicom", "archive", "unknown", "program", "pdf", "image", "video", "office", "rar"
]
REFUSED: tuple[Content, ...] = ("program", "pdf", "image", "video", "office", "rar")

PROGRAMS = (
    b"MZ", b"\x7fELF", b"#!", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe",
)  # fmt: skip
OTHERS: tuple[tuple[Content, tuple[bytes, ...]], ...] = (
    ("pdf", (b"%PDF-",)),
    ("image", (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")),
    ("office", (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf")),
    ("rar", (b"Rar!\x1a\x07",)),
    ("video", (b"\x1a\x45\xdf\xa3",)),
)


def content(head: bytes) -> Content:
    """What the first HEAD bytes of a file say it is."""
    if head.startswith(PROGRAMS):
        return "program"
    if head[DICOM] == b"DICM":
        return "dicom"
    for kind, signatures in OTHERS:
        if head.startswith(signatures):
            return kind
    if head[4:8] == b"ftyp":
        return "video"
    return "archive" if archive.kind(head) else "unknown"
