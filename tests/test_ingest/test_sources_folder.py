"""Walking folders: everything is seen once, in order, and nothing is opened."""

# ruff: noqa: PTH102, PTH103, PTH106, PTH108 (paths too long for pathlib, names relative to chdir)

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sources import Directory, Problem, SourceUnreachable, folder

pytestmark = pytest.mark.skipif(os.name != "posix", reason="FIFOs and modes need a POSIX system")


def walked(root: Path | str) -> list[Directory]:
    return list(folder.walk(str(root)))


def uris(directories: list[Directory]) -> list[str]:
    return [os.path.join(d.path, name) for d in directories for name in d.names]


def all_problems(directories: list[Directory]) -> list[Problem]:
    return [problem for d in directories for problem in d.problems]


def test_files_with_size_and_time_sorted_depth_first(tmp_path: Path) -> None:
    for name in ("b/2", "b/1", "a/x/deep", "a/y", "c/only/folders/.keep", "top"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"." * len(name))
    (tmp_path / "nothing").mkdir()
    found = walked(tmp_path)
    assert [os.path.relpath(uri, tmp_path) for uri in uris(found)] == [
        "top", "a/y", "a/x/deep", "b/1", "b/2", "c/only/folders/.keep",
    ]  # fmt: skip
    for directory in found:
        for name, size, mtime in zip(
            directory.names, directory.sizes, directory.mtimes, strict=True
        ):
            info = (Path(directory.path) / name).stat()
            assert (size, mtime) == (info.st_size, info.st_mtime_ns)
    assert all_problems(found) == []


@settings(deadline=None)
@given(st.sets(st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(tuple)))
def test_agrees_with_os_walk(paths: set[tuple[str, ...]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as root:
        for path in sorted(paths, key=len, reverse=True):
            target = os.path.join(root, *path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            if not os.path.isdir(target):
                Path(target).touch()
        expected = [
            os.path.join(d, name) for d, _, names in sorted(os.walk(root)) for name in sorted(names)
        ]
        assert sorted(uris(walked(root))) == sorted(expected)


def test_a_single_file_is_a_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one").write_bytes(b"12345")
    (found,) = walked(tmp_path / "one")
    assert (found.path, found.names, found.sizes) == (str(tmp_path), ["one"], [5])
    monkeypatch.chdir(tmp_path)
    assert uris(walked("one")) == ["./one"]


@pytest.mark.parametrize("root", ["missing", "file/below", "nul\0byte", "x" * 300])
def test_a_source_that_is_not_there(tmp_path: Path, root: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SourceUnreachable, match=r"cannot be opened: .+\.") as caught:
        folder.walk(os.path.join(tmp_path, root))  # before the first item is asked for
    assert str(tmp_path) not in str(caught.value)


def test_links_are_followed_and_loops_end(tmp_path: Path) -> None:
    data, other = tmp_path / "root" / "data", tmp_path / "other"
    data.mkdir(parents=True)
    other.mkdir()
    (data / "1").touch()
    (other / "2").touch()
    (data / "up").symlink_to(tmp_path / "root")
    (data / "self").symlink_to(".")
    (data / "outside").symlink_to(other)
    (other / "back").symlink_to(data)
    (data / "z").symlink_to("1")
    found = walked(tmp_path / "root")
    assert [os.path.relpath(uri, data) for uri in uris(found)] == ["1", "z", "outside/2"]
    assert all_problems(found) == []


def test_what_cannot_be_read_is_a_problem_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")  # opening it would block this test for ever
    (tmp_path / "broken").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    here = socket.socket(socket.AF_UNIX)
    here.bind(str(tmp_path / "socket"))
    here.close()
    (tmp_path / "null").symlink_to("/dev/null")
    (found,) = walked(tmp_path)
    assert found.names == []
    rows = {os.path.basename(p.uri): (p.size, p.status, p.reason) for p in found.problems}
    assert rows == {
        "broken": (0, "error", "broken symbolic link"),
        "fifo": (0, "not_dicom", "not a regular file"),
        "loop": (0, "error", os.strerror(errno.ELOOP)),
        "null": (0, "not_dicom", "not a regular file"),
        "socket": (0, "not_dicom", "not a regular file"),
    }
    assert [p.uri for p in found.problems] == sorted(p.uri for p in found.problems)
    (alone,) = walked(tmp_path / "fifo")
    assert alone.problems == [found.problems[1]]


def test_an_unreadable_folder_is_a_problem_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "locked", "z"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
    really_open = os.open  # modes do not stop root, who may run this test

    def guarded(path: str, *args: int) -> int:
        if path.endswith("locked"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return really_open(path, *args)

    monkeypatch.setattr(os, "open", guarded)
    found = walked(tmp_path)
    assert [os.path.relpath(uri, tmp_path) for uri in uris(found)] == ["a/file", "z/file"]
    locked = str(tmp_path / "locked")
    assert all_problems(found) == [Problem(locked, 0, 0, "error", os.strerror(errno.EACCES))]


@pytest.mark.skipif(os.geteuid() == 0, reason="modes do not stop root")
def test_an_unreadable_root_is_unreachable(tmp_path: Path) -> None:
    tmp_path.chmod(0)
    try:
        with pytest.raises(SourceUnreachable, match="Permission denied"):
            folder.walk(str(tmp_path))
    finally:
        tmp_path.chmod(0o700)


def test_without_directory_descriptors_the_walk_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").touch()
    (tmp_path / "a" / "loop").symlink_to("..")
    (tmp_path / "a" / "broken").symlink_to("nowhere")
    expected = walked(tmp_path)
    monkeypatch.setattr(folder, "_BY_DESCRIPTOR", False)  # as on Windows
    assert walked(tmp_path) == expected


def test_undecodable_names_survive(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.dcm")
    try:
        (tmp_path / name).touch()
    except OSError:
        pytest.skip("this file system wants UTF-8")
    (found,) = walked(tmp_path)
    assert [os.fsencode(n) for n in found.names] == [b"caf\xe9.dcm"]


@pytest.fixture
def abyss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """3,000 folders inside each other, a file in each hundredth; removed step by step."""
    monkeypatch.chdir(tmp_path)
    for depth in range(3000):
        if depth % 100 == 0:
            Path("file").touch()
        os.mkdir("d")
        os.chdir("d")
    yield tmp_path
    for _ in range(3000):
        os.chdir("..")
        os.rmdir("d")
        Path("file").unlink(missing_ok=True)


def test_any_depth_until_paths_get_too_long(abyss: Path) -> None:
    found = walked(abyss)
    limit = os.pathconf("/", "PC_PATH_MAX")
    reachable = (limit - 1 - len(str(abyss))) // 2
    assert len(uris(found)) == len(range(0, reachable + 1, 100))
    (problem,) = all_problems(found)
    assert (problem.status, problem.reason) == ("error", os.strerror(errno.ENAMETOOLONG))
    assert len(os.fsencode(problem.uri)) >= limit - 1


def test_a_file_whose_path_gets_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    limit = os.pathconf("/", "PC_PATH_MAX")
    left = limit - 1 - len(os.fsencode(tmp_path)) - 100  # room for a name of 98 bytes and a slash
    steps = []
    while left > 0:
        steps.append("d" * min(200, left - 1))
        left -= len(steps[-1]) + 1
        if left == 1:
            break
    for step in steps:
        os.mkdir(step)
        os.chdir(step)
    here = len(os.fsencode(tmp_path)) + sum(len(step) + 1 for step in steps)
    fits, too_long = "f" * (limit - 1 - here - 1), "g" * (limit - here - 1)
    for name in (fits, too_long):
        os.close(os.open(name, os.O_CREAT | os.O_WRONLY))
    try:
        (found,) = walked(tmp_path)
        assert found.names == [fits]
        with open(os.path.join(found.path, fits), "rb"):
            pass
        (problem,) = found.problems
        assert problem.reason == os.strerror(errno.ENAMETOOLONG)
        with pytest.raises(OSError, match="too long"):
            os.stat(problem.uri)  # noqa: PTH116
    finally:
        for name in (fits, too_long):
            os.unlink(name)
        for step in reversed(steps):
            os.chdir("..")
            os.rmdir(step)
