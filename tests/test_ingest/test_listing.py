"""Folders listed ahead by another process: the same, in the same order, whatever it does."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from multiprocessing import Pipe
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import listing
from ingest.listing import listed
from ingest.sources import Directory, Source, SourceUnreachable, folder, resolve, walk

NAMES = ["a", "b", "a b", "a.b", "a-", "Ä", "A"]
"""Some sort before the separator of paths, some behind it."""


def made(root: Path, folders: int = 30) -> Path:
    """Folders within folders, a loop, a link to nothing, what is no file, an unprintable name."""
    for n in range(folders):
        inside = root / f"{n % 7}" / f"{n}"
        inside.mkdir(parents=True)
        for file in range(n % 4):
            (inside / f"{file}").write_bytes(b"." * file)
    (root / "1" / "loop").symlink_to(root)
    (root / "2" / "broken").symlink_to(root / "nothing")
    os.mkfifo(root / "3" / "pipe")
    (root / os.fsdecode(b"\xff\xfe")).mkdir()
    (root / os.fsdecode(b"\xff\xfe") / os.fsdecode(b"\xfd")).touch()
    return root


def test_what_is_listed_elsewhere_is_what_is_listed_here(tmp_path: Path) -> None:
    one, two = made(tmp_path / "one"), made(tmp_path / "two", folders=2000)
    (tmp_path / "file").write_bytes(b"123")
    sources = [str(one), str(two), f"file://{tmp_path}/file", str(one)]
    with listed(sources, ahead=True) as ahead:
        (lister,) = multiprocessing.active_children()
        found = [list(ahead(resolve(text))) for text in sources]
        lister.join(10)
        assert lister.exitcode == 0
    assert found == [list(walk(resolve(text))) for text in sources]
    assert sum(len(d.names) for d in found[1]) > 2500
    assert {p.status for d in found[0] for p in d.problems} == {"error", "not_dicom"}


def test_without_need_no_process_is_started(tmp_path: Path) -> None:
    with listed([str(made(tmp_path / "x"))], ahead=False) as ahead:
        assert multiprocessing.active_children() == []
        assert list(ahead(resolve(str(tmp_path)))) == list(folder.walk(str(tmp_path)))


@pytest.mark.parametrize("told", [0, 1, 5])
def test_a_listing_that_dies_loses_nothing(tmp_path: Path, told: int) -> None:
    sources = [str(made(tmp_path / "x", folders=2000)), str(made(tmp_path / "y"))]
    found: list[Directory] = []
    with listed(sources, ahead=True) as ahead:
        (lister,) = multiprocessing.active_children()
        directories = ahead(resolve(sources[0]))
        found.extend(next(directories) for _ in range(told))
        lister.kill()
        lister.join()
        found.extend(directories)
        found.extend(ahead(resolve(sources[1])))
    assert found == [d for text in sources for d in folder.walk(text)]


@settings(deadline=None, max_examples=60)
@given(
    st.sets(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map(tuple), min_size=1),
    st.data(),
)
def test_wherever_it_ends(paths: set[tuple[str, ...]], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as root:
        for path in paths:
            inside = Path(root, *path)
            inside.mkdir(parents=True, exist_ok=True)
            (inside / "file").touch()
        expected = list(folder.walk(root))
        cut = data.draw(st.integers(0, len(expected)))
        receive, send = Pipe(duplex=False)
        if cut:
            send.send(expected[:cut])
        send.close()
        assert list(listing._Received(receive).walk(resolve(root))) == expected
        receive.close()


def test_where_no_process_can_be_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: BaseProcess) -> None:
        raise BlockingIOError

    source = str(made(tmp_path / "x"))
    monkeypatch.setattr(multiprocessing.get_context("spawn").Process, "start", refused)
    with listed([source], ahead=True) as ahead:
        assert list(ahead(resolve(source))) == list(folder.walk(source))


def test_a_folder_that_is_gone_is_told_and_the_others_are_listed(tmp_path: Path) -> None:
    there = str(made(tmp_path / "x"))
    gone = str(tmp_path / "gone")
    with listed([gone, there], ahead=True) as ahead:
        with pytest.raises(SourceUnreachable):
            list(ahead(resolve(gone)))
        assert list(ahead(resolve(there))) == list(folder.walk(there))


BLOCKED = """
import multiprocessing, signal, sys
from ingest.listing import listed
with listed([sys.argv[1]], ahead=True) as ahead:
    (lister,) = multiprocessing.active_children()
    (mask,) = [line.split()[1] for line in open(f"/proc/{lister.pid}/status") if "SigBlk" in line]
    asked = (signal.SIGINT, signal.SIGHUP, signal.SIGTERM)
    print([int(n) for n in asked if int(mask, 16) >> n - 1 & 1])
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="a process's signals are read from /proc")
def test_a_terminals_signals_are_for_the_main_process(tmp_path: Path) -> None:
    source = str(made(tmp_path / "x", folders=2000))
    command = [sys.executable, "-c", BLOCKED, source]  # Python has started no process before
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("[2, 1]\n", "")


def test_other_kinds_of_sources_list_themselves(tmp_path: Path) -> None:
    there = str(made(tmp_path / "x"))
    other = [Directory("bucket", ["a"], [1], [2], [])]
    bucket = Source("s3", "bucket", lambda root: iter(other), folder.opened)
    with listed([there], ahead=True) as ahead:
        assert list(ahead(bucket)) == other
        assert list(ahead(resolve(there))) == list(folder.walk(there))


def test_who_stops_asking_leaves_no_process(tmp_path: Path) -> None:
    source = str(made(tmp_path / "x", folders=2000))
    with listed([source] * 200, ahead=True) as ahead:  # more than the queue and the pipe hold
        next(ahead(resolve(source)))
        (lister,) = multiprocessing.active_children()
    assert not lister.is_alive()
