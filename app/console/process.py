"""The process that answers statements: opens one databank, confined, and then takes one by one.

It bounds its own memory, checks each statement itself, so that nothing a person wrote is parsed in
the app's process, and ends with the app, or when it was not asked for a while.
"""

from __future__ import annotations

import io
import os
import queue
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import polars as pl

from app.console import frames
from app.console.limits import MIB
from app.errors import QueryFailed, StatementRefused
from app.lake import Lake, open_lake
from app.statement import check_statement, plan_of
from ingest.lake.errors import LakeError

IDLE_SECONDS = 300.0
BATCH_ROWS = 2_048
SLACK = 1024 * MIB
"""Address space beside DuckDB's own limit: values being calculated, the answer, the allocator's."""
MAX_REQUEST = 2**20

Message = tuple[dict[str, Any], bytes]


def main() -> None:
    """Answer until the app ends, or asks nothing more."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not become part of an answer
    with suppress(AttributeError, OSError):
        os.nice(5)  # pages come before questions
    requests: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests), daemon=True).start()
    with suppress(queue.Empty, frames.Broken):
        opening = requests.get(timeout=IDLE_SECONDS)
        lake = _opened(opening)
        while True:
            frames.send(out, *_answer(lake, requests.get(timeout=IDLE_SECONDS)))
    os._exit(0)


def _listen(stream: IO[bytes], requests: queue.Queue[dict[str, Any]]) -> None:
    """Hand on what is asked; end at once when the app has ended, also while answering."""
    with suppress(frames.Broken):
        while True:
            requests.put(frames.receive(stream, MAX_REQUEST)[0])
    os._exit(0)


def _opened(opening: dict[str, Any]) -> Lake | str:
    """The databank, or the name of the error that says why not."""
    memory = opening["memory"]
    try:
        lake = open_lake(
            Path(opening["root"]),
            opening["identifiers"],
            narrowed=opening["narrowed"],
            memory=f"{memory // MIB}MiB",
        )
    except LakeError as error:
        return type(error).__name__
    _bound(memory)
    return lake


def _bound(memory: int) -> None:
    """No more address space than is taken now, and ``memory``; where the system has such limits."""
    with suppress(ImportError, OSError, ValueError, IndexError):
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + memory + SLACK
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(lake: Lake | str, request: dict[str, Any]) -> Message:
    if isinstance(lake, str):
        return {"kind": "lake", "text": lake}, b""
    try:
        checked = check_statement(request["statement"])
        # A plan drawn by DuckDB would show paths.
        if request["plan"] or checked[:7].lower() == "explain":
            frame, whole = lake.query(plan_of(checked)), True
            return {"kind": "plan", "more": not whole}, _encoded(frame.select("explain_value"))
        frame, whole = _rows(lake, checked, request["rows"], request["max_bytes"])
        content = _fitted(frame, request["max_bytes"])
    except StatementRefused as error:
        return _failure(lake, "refused", str(error), error.place)
    except QueryFailed as error:
        out_of_memory = "out of memory" in str(error).lower()
        return _failure(lake, "memory" if out_of_memory else "failed", str(error), error.place)
    except (MemoryError, pl.exceptions.PolarsError):
        return _failure(lake, "memory", "")
    if content is None:
        return _failure(lake, "too_big", "")
    return {"kind": "rows", "more": not whole}, content


def _rows(lake: Lake, checked: str, rows: int, max_bytes: int) -> tuple[pl.DataFrame, bool]:
    """The first rows, and whether that is all; read no further than needed."""
    found: list[pl.DataFrame] = []
    height = size = 0
    batches = lake.batches(checked, rows=BATCH_ROWS)
    for batch in batches:
        found.append(batch)
        height += batch.height
        size += int(batch.estimated_size())
        if height > rows or size > max_bytes:
            break
    batches.close()
    return pl.concat(found).head(rows), height <= rows and size <= max_bytes


def _fitted(frame: pl.DataFrame, max_bytes: int) -> bytes | None:
    """As many of the rows as fit, encoded; None where not even one does."""
    content = _encoded(frame)
    while len(content) > max_bytes:
        if frame.height <= 1:
            return None
        frame = frame.head(max(1, frame.height * max_bytes // len(content) * 9 // 10))
        content = _encoded(frame)
    return content


def _encoded(frame: pl.DataFrame) -> bytes:
    content = io.BytesIO()
    frame.write_ipc_stream(content)
    return content.getvalue()


def _failure(lake: Lake, kind: str, text: str, place: str = "") -> Message:
    for path in (str(lake.root), str(lake.root).replace("'", "''")):
        text = text.replace(path, "…")
    return {"kind": kind, "text": text[:4_000], "place": place[:2_000]}, b""


if __name__ == "__main__":
    main()
