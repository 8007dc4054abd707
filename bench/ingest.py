"""How fast an ingest is, beside reading alone and beside pydicom, in one run on one machine.

    python -m bench.ingest                  the table that README states
    python -m bench.ingest --lake 1000000   also: 1,000 files added to a lake of that many instances
    python -m bench.ingest --copies 9       nine copies of the real series in place of three

(a) floor: open each file and read its first 128 KiB, one process;
(b) pydicom: read each header and turn every value into text, as many processes as (c), on an even
    sample of the same files;
(c) Taglake: `python -m ingest`, from its start to the committed and derived lake.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

from bench import corpora
from bench.machine import machine

FLOOR_BYTES = 128 * 1024
SAMPLE = 2500
ROUNDS = 5
DATABANKS = corpora.WORK / "databanks"
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
"""As people run it: modules are compiled once, not at every start of every process."""


class Row(NamedTuple):
    """A corpus measured."""

    corpus: str
    files: int
    floor_us: float
    pydicom_per_s: float
    taglake_per_s: float
    again_per_s: float
    peak_mb: float
    instances_bytes: float
    elements_bytes: float


def floor(paths: list[str]) -> float:
    """Microseconds a file: the best of five rounds behind one that warms the page cache."""
    _read_beginnings(paths)
    return min(_read_beginnings(paths) for _ in range(ROUNDS)) / len(paths) * 1e6


def _read_beginnings(paths: list[str]) -> float:
    """Seconds; the headers are in the page cache afterwards."""
    began = time.perf_counter()
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        os.read(descriptor, FLOOR_BYTES)
        os.close(descriptor)
    return time.perf_counter() - began


def flatten_with_pydicom(paths: list[str]) -> int:
    """Every value of every header as text; returns how many."""
    import pydicom

    warnings.simplefilter("ignore")
    count = 0
    for path in paths:
        try:
            header = pydicom.dcmread(path, stop_before_pixels=True)
            for element in header.iterall():
                str(element.value)
                count += 1
        except Exception:  # the files broken on purpose
            continue
    return count


def pydicom_rate(paths: list[str], workers: int) -> float:
    """Files a second over ``workers`` processes, on an even sample."""
    sample = paths[:: max(1, len(paths) // SAMPLE)]
    chunks = [sample[i::workers] for i in range(workers)]
    with ProcessPoolExecutor(workers) as pool:
        list(pool.map(flatten_with_pydicom, [[paths[0]]] * workers))  # imports are not counted
        _read_beginnings(sample)
        began = time.perf_counter()
        list(pool.map(flatten_with_pydicom, chunks))
        return len(sample) / (time.perf_counter() - began)


def run_ingest(databank: Path, sources: list[Path], workers: int) -> float:
    """Seconds of a whole process: `python -m ingest`."""
    command = [
        sys.executable, "-m", "ingest", *map(str, sources),
        "--databank", str(databank), "--workers", str(workers),
    ]  # fmt: skip
    began = time.perf_counter()
    done = subprocess.run(
        command, cwd=corpora.ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"the ingest ended with {done.returncode}: {done.stderr[-500:]}")
    return time.perf_counter() - began


def stored_bytes(databank: Path, *tables: str) -> int:
    """Bytes of the Parquet files of some tables, open and phi."""
    return sum(
        path.stat().st_size
        for table in tables
        for path in databank.glob(f"*/batches/*/{table}-*.parquet")
    )


def measure(corpus: str, folders: list[Path], workers: int) -> Row:
    """All of (a), (b), (c) and an unchanged second ingest for one corpus."""
    paths = corpora.files_below(*folders)
    databank = DATABANKS / corpus
    shutil.rmtree(databank, ignore_errors=True)
    floor_us = floor(paths)
    # By turns, and the best of each: the speed of a shared machine changes within minutes.
    rounds = [
        (pydicom_rate(paths, workers), _fresh(databank, folders, paths, workers))
        for _ in range(ROUNDS)
    ]
    pydicom, first = max(rate for rate, _ in rounds), min(seconds for _, seconds in rounds)
    again = min(run_ingest(databank, folders, workers) for _ in range(ROUNDS))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    n = len(paths)
    elements = ("element_keys", "header_elements", "instance_elements")
    return Row(
        corpus, n, floor_us, pydicom, n / first, n / again, peak,
        stored_bytes(databank, "instances") / n, stored_bytes(databank, *elements) / n,
    )  # fmt: skip


def _fresh(databank: Path, folders: list[Path], paths: list[str], workers: int) -> float:
    """Seconds of a first ingest. The files are read before: some virtual machines give their page
    cache back within half a minute, and then it would be the disk that is measured."""
    shutil.rmtree(databank, ignore_errors=True)
    _read_beginnings(paths)
    return run_ingest(databank, folders, workers)


def table(rows: list[Row], workers: int) -> str:
    """The measurements as a Markdown table."""
    head = (
        f"| files | (a) floor, us | (b) pydicom x{workers}, files/s "
        f"| (c) Taglake x{workers}, files/s | (c) / (b) | (c) a worker / (a) "
        "| again, files/s | peak, MB | bytes an instance |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
    )
    lines = []
    for row in rows:
        own_us = workers / row.taglake_per_s * 1e6
        lines.append(
            f"| {row.corpus}, {row.files:,} | {row.floor_us:.1f} | {row.pydicom_per_s:,.0f} "
            f"| {row.taglake_per_s:,.0f} | {row.taglake_per_s / row.pydicom_per_s:.1f} "
            f"| {own_us / row.floor_us:.1f} | {row.again_per_s:,.0f} | {row.peak_mb:,.0f} "
            f"| {row.instances_bytes:.0f} + {row.elements_bytes:.0f} |"
        )
    return head + "\n".join(lines)


def added_to_a_large_lake(instances: int, workers: int) -> str:
    """Seconds to add 1,000 files to a lake of many, committed and derived."""
    per_series = 200
    large = corpora.synthetic(f"lake-{instances}", "siemens", instances // per_series, per_series)
    more = corpora.synthetic("more-1000", "siemens", 5, per_series, first=10_000_000)
    databank = DATABANKS / f"lake-{instances}"
    built = 0.0
    if not databank.exists():
        built = run_ingest(databank, [large], workers)
    copy = DATABANKS / "lake-grown"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(databank, copy)
    seconds = run_ingest(copy, [more], workers)
    shutil.rmtree(copy)
    return (
        f"A lake of {instances:,} instances"
        + (f" ({instances / built:,.0f} files/s)" if built else "")
        + f": 1,000 files added, committed and derived in {seconds:.1f} s."
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    copies = range(1, corpora.MOST_COPIES + 1)
    parser.add_argument("--copies", type=int, default=3, choices=copies, metavar="N")
    parser.add_argument("--lake", type=int, default=0)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    kinds = {
        "whole series": lambda: corpora.whole_series(options.copies),
        "demo cohort": lambda: [corpora.demo()],
        "every file its own series": lambda: [
            corpora.synthetic("single-50000", "siemens", 50_000, 1)
        ],
    }
    print(machine())
    rows = [
        measure(name, make(), options.workers)
        for name, make in kinds.items()
        if options.only in name
    ]
    print(table(rows, options.workers))
    if options.lake:
        print(added_to_a_large_lake(options.lake, options.workers))


if __name__ == "__main__":
    main()
