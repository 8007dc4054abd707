"""Where the data of a command goes: stdout, or a file that has its name only when it is whole."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from app.terminal import fail


@contextmanager
def opened(output: Path | None) -> Iterator[BinaryIO]:
    """A binary file to write to; what was there before stays until the block has ended well."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    partial = output.with_name(f".{output.name}.part")
    try:
        file = open(partial, "wb")  # noqa: SIM115 - only its opening is to be caught here
    except OSError as error:
        raise fail(f"{output} cannot be written: {error.strerror}.") from None
    try:
        with file:
            yield file
        partial.replace(output)
    finally:
        partial.unlink(missing_ok=True)
