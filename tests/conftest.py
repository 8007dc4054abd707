"""Fixtures that several folders share: a home with databanks made from the schema alone."""

from __future__ import annotations

from tests import one_thread  # noqa: F401 - what it sets counts for what comes after it

# isort: split
import gc
import signal
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner

from app.console import workers
from app.demo import CohortSummary, write_cohort
from ingest.derive import derivation
from ingest.lake import databank, snapshot
from tests import fake_lake
from tests.in_process import ingested


@pytest.fixture(autouse=True)
def own_main_module() -> Iterator[None]:
    """AppTest leaves its script as the main module, which processes that are started would run."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_counts() -> Iterator[None]:
    """Shells have what they start in the background ignore SIGINT, and all that is started by it;
    tests send it to processes of their own."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session", autouse=True)
def components_looked_for_once() -> Iterator[None]:
    """Each AppTest looks for components in all installed packages, which takes 0.25 s."""
    with pytest.MonkeyPatch.context() as patch:
        found = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", found)
        yield


@pytest.fixture(scope="session", autouse=True)
def garbage_looked_for_seldom() -> Iterator[None]:
    """Test processes hold several million objects that stay, and Python looks at them again."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    yield
    gc.set_threshold(*before)


@pytest.fixture(scope="module")
def statement_processes() -> Iterator[None]:
    """More of them are kept than usual, as starting one takes a while; none is left."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "KEPT_IDLE", 12)
        yield
    for worker in workers._idle:
        worker.end()
    workers._idle.clear()


@pytest.fixture(scope="session")
def demo_cohort(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CohortSummary]:
    """The files of the demo, which stay as they are, and what their maker says of them."""
    folder = tmp_path_factory.mktemp("demo") / "cohort"
    return folder, write_cohort(folder)


@pytest.fixture(scope="session")
def demo_lake(
    demo_cohort: tuple[Path, CohortSummary], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The databank of the demo, which stays as it is."""
    root = tmp_path_factory.mktemp("demo") / "lake"
    ingested(demo_cohort[0], root)
    return root


def fill(root: Path, **sizes: Any) -> None:
    """One more batch in a databank, listed and derived."""
    fake_lake.write_batch(root, **sizes)
    state = snapshot.read(root)
    version = derivation.derive(root, state, None)
    snapshot.write(root, snapshot.advanced(state, state.batches, version, state.next_part))


@pytest.fixture(scope="session")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with three databanks: ``full``, ``empty`` and ``errors``, in which no file was DICOM.

    ``full`` has 6 studies (MR, CT, PT, MR, MR, CT) of 3 patients, 4 series each, 5 instances each.
    """
    home = tmp_path_factory.mktemp("home")
    places = home / "databanks"
    fill(
        places / "full", studies=6, series_per_study=4, instances_per_series=5,
        not_dicom=3, errors=2, duplicates=1,
    )  # fmt: skip
    fill(places / "errors", studies=0, not_dicom=2, errors=3)
    databank.create(places / "empty")
    return home
