"""Value representations: how each is laid out and what its bytes mean (PS3.5 6.2 and 7.1)."""

from __future__ import annotations

SHORT_LENGTH = frozenset(
    [
        "AE",
        "AS",
        "AT",
        "CS",
        "DA",
        "DS",
        "DT",
        "FL",
        "FD",
        "IS",
        "LO",
        "LT",
        "PN",
        "SH",
        "SL",
        "SS",
        "ST",
        "TM",
        "UI",
        "UL",
        "US",
    ]
)
LONG_LENGTH = frozenset(
    ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"]
)
ALL = SHORT_LENGTH | LONG_LENGTH

CHARSET_TEXT = frozenset(["LO", "LT", "PN", "SH", "ST", "UC", "UT"])
"""Text whose bytes depend on SpecificCharacterSet; all other text is ASCII."""

SINGLE_TEXT = frozenset(["LT", "ST", "UT", "UR"])
"""Text in which a backslash is a character, not a separator."""

ASCII_TEXT = frozenset(["AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR"])
TEXT = CHARSET_TEXT | ASCII_TEXT

NUMBER_FORMAT = {
    "FL": "f", "FD": "d", "SL": "i", "SS": "h", "SV": "q", "UL": "I", "US": "H", "UV": "Q",
}  # fmt: skip
"""Binary numbers and their ``struct`` letters."""

BINARY = frozenset(["OB", "OD", "OF", "OL", "OV", "OW", "UN"])

UNREADABLE = frozenset(["OB", "OD", "OF", "OL", "OV", "OW", "UN"])
"""VRs whose values are shown as length and hash, or as hexadecimal digits."""
