"""An ingest in the process of a test: starting one that reads takes a second, and most tests are
about what comes of it.  Those of the pipeline's own processes start them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from ingest.pipeline import ingest
from ingest.records import Summary


class Inline(Executor):
    """Reads units in this process as they are submitted: no process to start, none to wait for."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def ingested(source: Path, root: Path) -> Summary:
    """A source read into the databank ``root``."""
    return ingest([str(source)], root, workers=1, executor=Inline())
