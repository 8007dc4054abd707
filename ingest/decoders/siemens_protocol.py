"""What of a Siemens protocol says how was measured, and what only tells of one session.

The ASCCONV block of the protocol text holds both: the parameters somebody set, and what the scanner
found out about this patient, this day and this magnet.  The patterns below name the second kind,
each with its reason; what is left makes the fingerprint, so that two sessions of one protocol have
the same.  They were chosen from pairs of sessions of one protocol in public data sets (VB17, VD13,
VE11, XA30), and say rather too much than too little: a parameter that is left out here stands in a
column of its own where it matters.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from ingest.decoders.payloads.plain import is_number
from ingest.decoders.records import Field

NAMES = ("MrPhoenixProtocol", "MrProtocol")
"""Fields of a CSA header, or of an XA scanner's protocol, that hold the text; the best first."""

CHANGING: Mapping[str, str] = {
    # pattern, searched for in the key -> why what it finds is no parameter
    r"^sAdjData\.": "volume and results of the adjustments, made anew for each session",
    r"CoilSelect": "coils as they were plugged in, elements as they were selected automatically",
    r"^sGRADSPEC\.(?!ucMode$)": "shim currents, offsets and eddy currents of the magnet",
    r"^sTXSPEC\.(?!ucRFPulseType$|ucExcitMode$|asNucleusInfo\[\d+\]\.tNucleus$)":
        "frequency, reference voltage and amplitudes of pulses: adjusted to the patient",
    r"^sRXSPEC\.(?:aFFT_SCALE|b)": "scale and validity of what each receiver is adjusted to",
    r"\.sPosition\b|\.sNormal\b|\.dInPlaneRot$|^sAAInitialOffset":
        "where slices, slabs, navigators and saturation regions lie: planned on the patient",
    r"PtabAbs|TablePos|ScanRegionPos|EndPosSBCS": "positions of the table",
    r"^sSliceArray\.(?:lSize$|l(?:Sag|Cor|Tra)$|ucImageNumb|an|alSliceAcqOrder|asSlice\[[1-9])"
    r"|^sGroupArray\.(?:lSize$|anMember|asGroup\[\d+\]\.n)":
        "number of slices, and what each repeats of the first: adapted to the anatomy",
    r"^l(?:Prot|Sequence)ID$|^tProtocolName$|ReferenceImage|^sIR\.lScanNumber$":
        "names, numbers and UIDs that the scanner gives; by its name a protocol is found",
    r"TotalScanTime|^lScanTimeSec$": "follows from the other parameters and from the heart rate",
    r"^sPhysioImaging\..*\.l(?:Scan|Trigger)Window$": "the patient's heart or breath rate",
    r"^sProtConsistencyInfo\.|^ulVersion$|EVAProt$|__attribute__":
        "software, system and sizes of its lists; software has a column of its own; paths",
    r"^sWi[pP]MemBlock\.tFree|\.sComment\b":
        "free text; some sequences write an identifier of the session",
}  # fmt: skip

_CHANGING = re.compile("|".join(CHANGING))
NOTHING = ("", "0")
"""What says no more than that a pair is missing."""


class Protocol(NamedTuple):
    """The fingerprint of a protocol; the smaller of several counts: the better field, then any."""

    rank: int
    fingerprint: str


def protocol(fields: Iterable[Field]) -> Protocol | None:
    """The best protocol among decoded fields, or None.

    Its fingerprint is SHA-256 over the lines ``key=value`` of the stable pairs, ascending. Zeros
    are left out: some versions of the software write them, others do not (VE11 does either).
    """
    lines: dict[int, list[str]] = {}
    for name, _, text in fields:
        pair = stable_pair(name)
        if pair is not None and (value := normal(text)) not in NOTHING:
            lines.setdefault(pair[0], []).append(f"{pair[1]}={value}")
    if not lines:
        return None
    best = min(lines)
    whole = "\n".join(sorted(lines[best]))
    return Protocol(best, hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest())


@lru_cache(maxsize=1 << 16)
def stable_pair(name: str) -> tuple[int, str] | None:
    """Rank and key of a parameter that a field named ``MrPhoenixProtocol/key`` holds, or None."""
    field, _, key = name.partition("/")
    return (NAMES.index(field), key) if field in NAMES and key and is_stable(key) else None


def is_stable(name: str) -> bool:
    """Whether a pair of the protocol is a parameter; ``name`` with or without its field's name."""
    return _CHANGING.search(name.partition("/")[2] or name) is None


@lru_cache(maxsize=1 << 14)
def normal(text: str) -> str:
    """A number with four significant digits, any other text as it is."""
    return f"{float(text) + 0.0:.4g}" if is_number(text) else text
