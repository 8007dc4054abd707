"""Elements of several possible VRs, such as ``US or SS``: other elements decide."""

from __future__ import annotations

from ingest.header.keys import Key
from ingest.header.tokens import Tokens
from ingest.header.vocabulary import Vocabulary


def resolve_ambiguous(tokens: Tokens, vocabulary: Vocabulary) -> None:
    """Give elements of several possible VRs the one that the pixels decide (PS3.5 annex A)."""
    for token, scope in tokens.ambiguous:
        key = vocabulary.keys[tokens.keys[token]]
        tokens.keys[token] = vocabulary.keys.number(
            key._replace(vr=_decide(key, scope.prefix, tokens, token))
        )


def _decide(key: Key, prefix: str, tokens: Tokens, token: int) -> str:
    if key.vr == "US or SS":
        while prefix and prefix not in tokens.pixel_representation:
            prefix = prefix[: prefix.rstrip(".").rfind(".") + 1]
        # 0 is unsigned and 1 is signed; as pydicom does, what is neither counts as signed
        return "SS" if any(tokens.pixel_representation.get(prefix, b"")) else "US"
    if key.vr in ("US or OW", "US or SS or OW"):
        return "US" if len(tokens.value(token)) <= 2 else "OW"
    return "OW"
