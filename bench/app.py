"""How long the server works for each page, for a filter change, and for twenty people at once.

    python -m bench.app              20,000 studies, 1,000,000 series, 20 sessions: a few minutes
    python -m bench.app --quick      20,000 studies only

A real server is asked over its websocket, as a browser does (``bench/session.py``); what the
browser needs to draw is not in it.  ``first`` is the first visit after the server has shown all
pages of another databank and has opened this one, which is a line of its own; ``again`` is the same
page once more in the same session.  ``filter change`` is a modality chosen in the sidebar, then
other ones: the median of three that nobody chose before.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode
from urllib.request import urlopen

import duckdb

from bench import app_lake, corpora
from bench.machine import machine
from bench.session import Seen, Session

PORT = 8791
QUALITY = ("qa", "nuclear", "dose", "scanners", "findings")
FILTERED = ("overview", "studies", "private", *QUALITY)
"""Pages that the filters of the sidebar are about."""
CHOICES = (["MR"], ["CT", "PT"], ["NM"])
PEOPLE = 20


class Timing(NamedTuple):
    """Seconds of one page on one lake; ``filtered`` is None where filters mean nothing."""

    page: str
    first: float
    again: float
    filtered: float | None


@contextmanager
def server() -> Iterator[int]:
    """The app as `./taglake` serves it, on the benchmark's databanks; gives its process id."""
    environment = {**os.environ, "TAGLAKE_HOME": str(app_lake.HOME)}
    command = [sys.executable, "-m", "streamlit", "run", "app/main.py", "--server.port", str(PORT)]
    with subprocess.Popen(
        command, cwd=corpora.ROOT, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            _wait()
            yield process.pid
        finally:
            process.terminate()


def _wait() -> None:
    for _ in range(1200):
        try:
            with urlopen(f"http://127.0.0.1:{PORT}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def peak_mb(pid: int) -> float:
    """Largest resident set of a process so far; Linux only."""
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return float("nan")


def addresses(root: Path) -> dict[str, dict[str, str]]:
    """Every page with what it needs in its address; UIDs from the middle of the lake."""
    version = max((root / "open" / "derived").iterdir(), key=lambda path: int(path.name))
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT StudyInstanceUID, SeriesInstanceUID FROM read_parquet($1) "
            "WHERE Modality = 'MR' ORDER BY SeriesInstanceUID "
            "LIMIT 2 OFFSET (SELECT count(*) // 4 FROM read_parquet($1) WHERE Modality = 'MR')",
            [str(version / "series.parquet")],
        ).fetchall()
    (study, series), (_, other) = rows
    own: dict[str, dict[str, str]] = {
        "study": {"study": study},
        "series": {"study": study, "series": series},
        "compare": {"a": series, "b": other},
    }
    pages = sorted(path.stem for path in (corpora.ROOT / "pages").glob("*.py"))
    return {page: {"databank": root.name, **own.get(page, {})} for page in pages}


def measure(root: Path, pages: Collection[str] | None = None) -> list[Timing]:
    """Each page of a lake, or each of ``pages``, one after the other, in one session."""
    timings = []
    with Session(PORT) as session:
        for page, address in addresses(app_lake.HOME / "databanks" / "small").items():
            _checked(session.visit(page, urlencode(address)), page)
    with Session(PORT) as session:
        opened = _checked(session.visit("sql", urlencode({"databank": root.name})))
        timings.append(Timing("(the databank is opened)", opened.seconds, opened.seconds, None))
    with Session(PORT) as session:
        for page, address in addresses(root).items():
            if pages is not None and page not in pages:
                continue
            query = urlencode(address)
            seen = _checked(session.visit(page, query), page)
            again = _checked(session.visit(page, query), page)
            filtered = _filter_change(page, address, seen) if page in FILTERED else None
            timings.append(Timing(page, seen.seconds, again.seconds, filtered))
    return timings


def _filter_change(page: str, address: dict[str, str], seen: Seen) -> float:
    with Session(PORT) as session:
        seen = session.visit(page, urlencode(address))
        widget = seen.multiselects["modality"]
        return statistics.median(
            _checked(session.choose(page, urlencode(address), widget, values), page).seconds
            for values in CHOICES
        )


def _checked(seen: Seen, page: str = "") -> Seen:
    if seen.exceptions:
        raise SystemExit(f"the page {page} failed: see the log of the server")
    return seen


def together(root: Path) -> tuple[dict[str, float], int]:
    """Seconds of each page for the slowest of all people at once, and wrong answers.

    Each person goes through the pages and sees the lake filtered in one of the ways, so cards show
    whether somebody saw what another one had asked for.
    """
    address = {"databank": root.name}
    expected = []
    for values in CHOICES:
        with Session(PORT) as session:
            seen = session.visit("studies", urlencode([*address.items(), ("modality", values[0])]))
            expected.append(seen.metrics)

    def person(number: int) -> tuple[dict[str, float], int]:
        way = number % len(CHOICES)
        seconds: dict[str, float] = {}
        wrong = 0
        with Session(PORT) as session:
            for page, own in addresses(root).items():
                query = urlencode([*own.items(), ("modality", CHOICES[way][0])])
                seen = session.visit(page, query)
                seconds[page] = seen.seconds
                wrong += bool(seen.exceptions)
                wrong += page == "studies" and seen.metrics != expected[way]
        return seconds, wrong

    with ThreadPoolExecutor(PEOPLE) as pool:
        results = list(pool.map(person, range(PEOPLE)))
    slowest = {page: max(seconds[page] for seconds, _ in results) for page in results[0][0]}
    return slowest, sum(wrong for _, wrong in results)


def table(timings: list[Timing]) -> str:
    """The timings as a Markdown table."""
    head = "| page | first, s | again, s | filter change, s |\n| --- | ---: | ---: | ---: |\n"
    return head + "\n".join(
        f"| {t.page} | {t.first:.2f} | {t.again:.2f} | "
        f"{'' if t.filtered is None else f'{t.filtered:.2f}'} |"
        for t in timings
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    app_lake.lake("small", studies=1)
    lakes = [app_lake.lake("studies-20000", studies=20_000)]
    if not options.quick:
        lakes.append(app_lake.lake("series-1000000", series=1_000_000))
    print(machine())
    for root in lakes:
        with server() as pid:
            print(f"\n{root.name}\n{table(measure(root))}", flush=True)
            print(f"peak memory of the server: {peak_mb(pid):,.0f} MB")
            slowest, wrong = together(root)
            said = ", ".join(f"{page} {seconds:.1f}" for page, seconds in slowest.items())
            print(f"{PEOPLE} sessions at once: {wrong} wrong; slowest, s: {said}; "
                  f"peak memory {peak_mb(pid):,.0f} MB", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
