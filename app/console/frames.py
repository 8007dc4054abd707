"""Messages between the app and the process that answers: a length, a JSON object, then bytes.

JSON and Arrow only, because the other side runs what people wrote: nothing that comes back can be
more than data.
"""

from __future__ import annotations

import json
from typing import IO, Any

MAX_HEAD = 4 * 2**20


class Broken(Exception):
    """The other side ended, or does not keep to the form."""


def send(stream: IO[bytes], head: dict[str, Any], body: bytes = b"") -> None:
    """Write a message; raises Broken."""
    text = json.dumps({**head, "bytes": len(body)}).encode()
    try:
        stream.write(len(text).to_bytes(4, "big") + text + body)
        stream.flush()
    except (OSError, ValueError):
        raise Broken from None


def receive(stream: IO[bytes], max_bytes: int) -> tuple[dict[str, Any], bytes]:
    """Read a message, whose body has at most ``max_bytes``; raises Broken."""
    length = int.from_bytes(_read(stream, 4), "big")
    if length > MAX_HEAD:
        raise Broken
    try:
        head = json.loads(_read(stream, length))
        size = int(head["bytes"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Broken from None
    if not 0 <= size <= max_bytes:
        raise Broken
    return head, _read(stream, size)


def _read(stream: IO[bytes], size: int) -> bytes:
    try:
        content = stream.read(size) if size else b""
    except (OSError, ValueError):
        raise Broken from None
    if len(content) != size:
        raise Broken
    return content
