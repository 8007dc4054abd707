"""A long export that is made beside the session: with a number of rows so far, and a way to stop.

It is written by a thread into a temporary file, so the page stays usable and no file is in memory
before it is downloaded. The file goes when the preparation is forgotten or the server ends.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from pathlib import Path
from typing import BinaryIO

from app.errors import QueryFailed, StatementRefused
from app.export import make
from app.export.selection import Selection
from ingest.lake.errors import LakeError


class Stopped(Exception):
    """The preparation was cancelled."""


class Preparation:
    """A selection on its way to a file of one format; ``rows`` of ``total`` are written.

    ``state`` is running, done, stopped or failed; ``trouble`` says why it failed.
    """

    def __init__(self, selection: Selection, format_: str, total: int) -> None:
        self.selection, self.format, self.total = selection, format_, total
        self.rows = 0
        self.state = "running"
        self.trouble = ""
        folder = tempfile.mkdtemp(prefix="taglake-export-")  # only its owner can read it
        self.path = Path(folder) / f"export.{format_}"
        self._clear = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._make, name="export", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end."""
        self._stop.set()

    def forget(self) -> None:
        """Ask it to end, and remove what it has written."""
        self.stop()
        if self.state != "running":
            self._clear()

    def join(self, seconds: float) -> None:
        """Wait for its end."""
        self._thread.join(seconds)

    def read(self) -> bytes:
        """The file, once it is done."""
        return self.path.read_bytes()

    def _make(self) -> None:
        try:
            with open(self.path, "wb") as file:
                self._write(file)
            self.state = "done"
        except Stopped:
            self.state = "stopped"
        except (StatementRefused, QueryFailed, LakeError, OSError) as error:
            self.trouble, self.state = str(error), "failed"
        finally:
            if self.state == "running":  # else the page would wait for ever
                self.state = "failed"
            if self.state != "done" or self._stop.is_set():
                self._clear()

    def _write(self, file: BinaryIO) -> None:
        make.write(self.selection, self.format, file, self._told)

    def _told(self, rows: int) -> None:
        self.rows = rows
        if self._stop.is_set():
            raise Stopped
