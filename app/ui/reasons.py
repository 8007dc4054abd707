"""What to do about a file that did not become an instance, by the reason that the ingest gives.

Reasons are few kinds of English clauses, the system's own among them; they stay as they are, since
they are what exports, logs and searches have, and get advice in the language of the view.
"""

from __future__ import annotations

import re

from app.i18n import Texts

ADVICE = (
    (r"same SOPInstanceUID", "advice.duplicate"),
    (r"DICOMDIR", "advice.index"),
    (r"encrypted", "advice.encrypted"),
    (r"Permission denied|Operation not permitted", "advice.permission"),
    (r"No such file|broken symbolic link|Stale file handle", "advice.gone"),
    (r"more than [\d,.]+ (bytes|members)|times its size|of memory|inside each other|inflates to",
     "advice.limit"),
    (r"not supported|size of the member is not known", "advice.format"),
    (r"the process that read it died", "advice.died"),
    (r"^data ends early|compressed data|checksum|central directory|local header|^tar |7z header|"
     r"tar header|sparse|inflated", "advice.archive"),
    (r"ends before|ends early|ends too early|nothing follows|is empty", "advice.cut"),
    (r"no SOP(Instance|Class)UID", "advice.nameless"),
    (r"^link inside|not a regular file|empty archive", "advice.nothing"),
    (r"not DICOM|no DICOM", "advice.other"),
    (r"header|data set|TypeError|Error\)", "advice.header"),
    (r"Input/output error|Remote I/O|timed out|cannot be read", "advice.disk"),
)  # fmt: skip
PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), key) for pattern, key in ADVICE)


def advice(t: Texts, reason: str | None) -> str:
    """What a person may do, or that nothing is to be done; "" for a reason that is not known."""
    found = next((key for pattern, key in PATTERNS if pattern.search(reason or "")), "")
    return t(found) if found else ""
