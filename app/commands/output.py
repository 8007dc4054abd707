"""Where the data of a command goes: stdout, or a file that has its name only when it is whole."""

from __future__ import annotations

import os
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
    target = Path(os.path.realpath(output))  # a link stays one
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")  # another may write it, too
    try:
        if output.exists() and not output.is_file():  # a pipe or a device, such as /dev/stdout
            with open(output, "wb") as file:
                yield file
            return
        with open(partial, "wb") as file:
            yield file
        partial.replace(target)
    except OSError as error:
        raise fail(f"{output} cannot be written: {error.strerror or error}.") from None
    finally:
        if partial.is_file():
            partial.unlink()


def identity(identifiers: bool, deidentified: bool = False) -> str:
    """What of people is in what was written, as a notice says it."""
    if deidentified:
        return "de-identified"
    return "with identifiers" if identifiers else "without identifiers"
