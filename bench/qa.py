"""How long quality takes at scale: deriving its columns, and serving its pages.

    python -m bench.qa              1,000,000 series: a few minutes
    python -m bench.qa --quick      20,000 studies

The lake is that of ``bench/app_lake.py``.  A derivation without new batches makes everything anew
of quality (values, representatives, protocols, outliers, scores, findings) and writes all derived
tables; that whole is what is timed.  Pages are asked as in ``bench/app.py``.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import time
from pathlib import Path

import duckdb

from bench import app, app_lake
from bench.machine import machine
from ingest.lake import snapshot, views

GOAL_DERIVED = 60.0
"""Seconds for all columns of quality at 1,000,000 series on two cores."""
GOAL_PAGE = 1.0
"""Seconds for the QA page at 1,000,000 series."""


def derived(root: Path) -> tuple[float, float, float]:
    """Seconds, processor seconds and MB of the largest resident set of a derivation again."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    began = time.perf_counter()
    app_lake.derive_again(root)
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_SELF)
    worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, worked, after.ru_maxrss / 1024


def said_of(root: Path) -> str:
    """What the lake holds, so that a figure says of what it is."""
    sql = (
        "SELECT count(*), count(*) FILTER (WHERE is_radiopharmaceutical), "
        "count(DISTINCT scanner_key), count(uptake_minutes), count(protocol_fingerprint) "
        "FROM series"
    )
    with duckdb.connect() as connection:
        views.register(connection, root, snapshot.read(root), identifiers=False)
        ((series, nuclear, scanners, uptakes, fingerprints),) = connection.execute(sql).fetchall()
    return (
        f"{series:,} series, {nuclear:,} of a radiopharmaceutical, {uptakes:,} with an uptake "
        f"time, {fingerprints:,} with a protocol fingerprint, {scanners:,} scanners"
    )


def thinned(root: Path) -> None:
    """Remove the versions of derived tables that no snapshot names any more."""
    kept = snapshot.read(root).derived
    for side in ("open", "phi"):
        for folder in (root / side / "derived").iterdir():
            if folder.name != kept:
                shutil.rmtree(folder)


def verdict(name: str, seconds: float, goal: float) -> str:
    return f"{name}: {seconds:.2f} s (goal {goal:g} s: {'met' if seconds < goal else 'missed'})"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-pages", action="store_true", help="only derive")
    options = parser.parse_args()
    app_lake.lake("small", studies=1)
    if options.quick:
        root = app_lake.lake("studies-20000", studies=20_000)
    else:
        root = app_lake.lake("series-1000000", series=1_000_000)
    print(f"{machine()}\n{root.name}: {said_of(root)}", flush=True)
    seconds, worked, peak = derived(root)
    thinned(root)
    print(verdict("derivation", seconds, GOAL_DERIVED))
    print(f"processor time {worked:.1f} s, peak memory {peak:,.0f} MB", flush=True)
    if not options.no_pages:
        with app.server():
            timings = app.measure(root, app.QUALITY)
        print(app.table(timings))
        for timing in timings:
            if timing.page == "qa":
                print(verdict("QA page, first", timing.first, GOAL_PAGE))
                print(verdict("QA page, filter change", timing.filtered or 0.0, GOAL_PAGE))


if __name__ == "__main__":
    main()
