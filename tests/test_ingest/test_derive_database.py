"""Tasks of a derivation that are done at the same moment."""

from __future__ import annotations

import threading
import time

import pytest

from ingest.derive.database import DerivationFailed, side_by_side


def test_tasks_are_done_at_the_same_moment() -> None:
    both = threading.Barrier(2, timeout=30)

    def meets() -> None:
        both.wait()

    side_by_side([meets, meets])


def test_one_task_needs_no_thread() -> None:
    seen: list[threading.Thread] = []
    side_by_side([lambda: seen.append(threading.current_thread())])
    assert seen == [threading.current_thread()]


def test_the_first_error_ends_what_has_not_begun() -> None:
    done: list[str] = []
    failed = threading.Event()

    def fails() -> None:
        failed.set()
        raise DerivationFailed("no")

    def waits() -> None:
        failed.wait(30)
        time.sleep(0.1)
        done.append("begun")

    def follows() -> None:
        time.sleep(0.01)
        done.append("later")

    with pytest.raises(DerivationFailed, match="no"):
        side_by_side([waits, fails, *[follows] * 500])
    assert "begun" in done
    assert done.count("later") < 100
