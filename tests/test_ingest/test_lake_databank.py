"""Databanks and their snapshot: names, creation, deletion, lake.json and the writer's lock."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from ingest.lake import check, databank, lock, snapshot
from ingest.lake.errors import (
    BadName,
    DatabankBusy,
    DatabankNotFound,
    DatabankNotWritable,
    DatabanksNotReadable,
    FormatTooNew,
    NameHasForbidden,
    NameMissing,
    NameReserved,
    NameStartsOrEndsOddly,
    NameTaken,
    NameTooLong,
    NotADatabank,
    SecretMissing,
    SnapshotDamaged,
)
from ingest.lake.snapshot import Snapshot
from tests import fake_lake

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "name", ["mr", "Studie 2024", "Größe_頭部", "a.b", "x" * 120, "con1", "(copy)", "ü" * 60]
)
def test_good_names(name: str) -> None:
    assert databank.validate_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "..", "../x", "a/b", "a\\b", "/etc", "C:x", "a\0b", "a\nb", ".hidden", "-rf",
        "~me", " x", "x ", "x.", "con", "NUL", "com1", "LPT9.txt", "Aux .x", "a*b", "a?b",
        'a"b', "a|b", "a<b", "x" * 121, "ü" * 61,
        "a\u200bb", "a\u202eb", "a\u2028b", "\ud800", "a\u00a0b",
    ],
)  # fmt: skip
def test_bad_names(name: str) -> None:
    with pytest.raises(BadName):
        databank.validate_name(name)


def test_names_are_compared_in_normal_form() -> None:
    assert databank.validate_name("Mu\u0308ller") == "M\u00fcller"


@given(st.text())
def test_any_text_is_a_folder_of_the_home_or_refused(text: str) -> None:
    try:
        name = databank.validate_name(text)
    except BadName:
        return
    inside = Path("/home") / name
    assert inside.parent == Path("/home")
    assert os.path.normpath(inside) == str(inside)
    assert databank.validate_name(name) == name


def test_home_and_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGLAKE_HOME", str(tmp_path))
    assert databank.path_of("one") == tmp_path / "databanks" / "one"
    assert databank.path_of(str(tmp_path / "elsewhere")) == tmp_path / "elsewhere"
    assert databank.path_of(Path("one")) == Path.cwd() / "one"
    monkeypatch.delenv("TAGLAKE_HOME")
    assert databank.home() == ROOT / "data"
    with pytest.raises(BadName):
        databank.path_of("a\0/b")


def test_create_list_and_delete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGLAKE_HOME", str(tmp_path))
    assert databank.names() == []
    for name in ("b", "A", "ü"):
        databank.create(databank.path_of(name))
    (tmp_path / "databanks" / "not one").mkdir()
    assert databank.names() == ["A", "b", "ü"]
    root = databank.path_of("A")
    assert snapshot.read(root) == Snapshot()
    key = databank.secret_key(root)
    assert len(key) == 32
    databank.create(root)
    assert databank.secret_key(root) == key
    assert databank.secret_key(databank.path_of("b")) != key
    if os.name != "nt":
        assert (root / "phi").stat().st_mode & 0o077 == 0
        assert (root / "phi" / "secret.key").stat().st_mode & 0o077 == 0
    databank.delete(root)
    assert not root.exists()
    assert databank.names() == ["b", "ü"]
    with pytest.raises(DatabankNotFound):
        databank.delete(root)


@pytest.fixture
def closed_to_us(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders may not be listed (root may, whatever their mode)."""

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)


@pytest.mark.usefixtures("closed_to_us")
def test_databanks_that_may_not_be_listed_are_not_none() -> None:
    with pytest.raises(DatabanksNotReadable):
        databank.names()


def test_a_databank_gets_another_name(tmp_path: Path) -> None:
    root = tmp_path / "heart"
    fake_lake.write_batch(root, studies=1, series_per_study=1)
    state, key, troubles = snapshot.read(root), databank.secret_key(root), check.check(root)
    renamed = databank.rename(root, "Mu\u0308ller 2024")
    assert renamed == tmp_path / "M\u00fcller 2024"
    assert not root.exists()
    assert (snapshot.read(renamed), databank.secret_key(renamed)) == (state, key)
    assert check.check(renamed) == troubles
    with lock.writer(renamed):
        pass
    assert databank.rename(renamed, renamed.name) == renamed
    with pytest.raises(DatabankNotFound):
        databank.rename(root, "other")


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", NameMissing), ("x" * 121, NameTooLong), ("a/b", NameHasForbidden),
        ("..", NameStartsOrEndsOddly), (" x", NameStartsOrEndsOddly), ("con.txt", NameReserved),
        ("a\0", NameHasForbidden), ("taken", NameTaken), ("file", NameTaken), ("link", NameTaken),
    ],
)  # fmt: skip
def test_names_that_a_databank_can_not_get(tmp_path: Path, name: str, error: type[BadName]) -> None:
    databank.create(tmp_path / "one")
    databank.create(tmp_path / "taken")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "one")
    with pytest.raises(error) as caught:
        databank.rename(tmp_path / "one", name)
    assert issubclass(error, BadName), "one kind of error, with exit code 2"
    assert str(caught.value) == error.sentence
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "link", "one", "taken"]
    assert (tmp_path / "file").read_text() == "mine"


def test_no_new_name_while_somebody_writes(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    fake_lake.write_batch(root, studies=1, series_per_study=1)
    command = [sys.executable, "-c", HOLDER, str(root)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(DatabankBusy):
            databank.rename(root, "other")
        assert [p.name for p in tmp_path.iterdir()] == ["bank"]
        process.kill()
        process.wait()
    assert databank.rename(root, "other") == tmp_path / "other"


def test_a_writer_that_waited_does_not_write_to_the_old_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have opened the file of the lock before the folder got its new name."""
    root = tmp_path / "bank"
    databank.create(root)
    real = FileLock.acquire

    def acquire(self: FileLock, *args: object, **kwargs: object) -> object:
        got = real(self, *args, **kwargs)  # type: ignore[arg-type]
        if root.exists():
            root.rename(tmp_path / "other")
        return got

    monkeypatch.setattr(FileLock, "acquire", acquire)
    with pytest.raises(DatabankNotFound), lock.writer(root):
        pytest.fail("nobody may write here")
    monkeypatch.undo()
    with lock.writer(tmp_path / "other"):
        pass


def test_many_renames_at_once_leave_one_databank(tmp_path: Path) -> None:
    databank.create(tmp_path / "0")
    done: list[str] = []

    def rename(name: str) -> None:
        try:
            done.append(databank.rename(tmp_path / "0", name).name)
        except (DatabankBusy, DatabankNotFound, DatabankNotWritable):
            done.append("refused")

    threads = [threading.Thread(target=rename, args=(str(n),)) for n in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done.count("refused") == 7
    left = [path.name for path in tmp_path.iterdir()]
    assert left == [name for name in done if name != "refused"]
    assert len(databank.secret_key(tmp_path / left[0])) == 32


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("mine")
    with pytest.raises(NotADatabank):
        databank.create(tmp_path)
    with pytest.raises(DatabankNotFound):
        databank.delete(tmp_path)
    with pytest.raises(NotADatabank):
        snapshot.read(tmp_path)
    with pytest.raises(NotADatabank):
        databank.create(tmp_path / "thesis.docx")
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.docx"]


def test_deleting_keeps_what_others_put_there(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    fake_lake.write_batch(root, studies=1, series_per_study=1)
    (root / "notes.txt").write_text("mine")
    databank.delete(root)
    assert [p.name for p in root.iterdir()] == ["notes.txt"]


def test_an_interrupted_creation_is_finished(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    databank.create(root)
    (root / "lake.json").unlink()
    key = databank.secret_key(root)
    assert databank.exists(root)
    databank.create(root)
    assert (root / "lake.json").is_file()
    assert databank.secret_key(root) == key
    (root / "lake.json").unlink()
    (root / "phi" / "secret.key").rename(root / "phi" / ".secret.key.new")
    databank.create(root)
    assert len(databank.secret_key(root)) == 32


def test_a_lost_secret_is_not_replaced(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    fake_lake.write_batch(root, studies=1, series_per_study=1)
    (root / "phi" / "secret.key").unlink()
    with pytest.raises(SecretMissing):
        databank.create(root)
    with pytest.raises(SecretMissing):
        databank.secret_key(root)


def test_a_place_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "denied", "/secret/path")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(DatabankNotWritable, match="permission denied") as caught:
        databank.create(tmp_path / "bank")
    assert "/secret" not in str(caught.value)


def test_a_snapshot_is_read_as_written(tmp_path: Path) -> None:
    databank.create(tmp_path / "bank")
    state = snapshot.advanced(Snapshot(), ["00000002", "00000001-c3"], "7", 12)
    assert state == Snapshot(1, 1, ("00000001-c3", "00000002"), "7", 12)
    snapshot.write(tmp_path / "bank", state)
    assert snapshot.read(tmp_path / "bank") == state
    assert snapshot.advanced(state, [], None, 3).next_part == 12
    with pytest.raises(DatabankNotFound):
        snapshot.read(tmp_path / "nothing")


GOOD = {"format": 1, "version": 3, "batches": ["00000001"], "derived": "1", "next_part": 2}


@pytest.mark.parametrize(
    "change",
    [
        {"format": "1"}, {"format": True}, {"format": -1}, {"version": None}, {"version": 1.5},
        {"batches": "00000001"}, {"batches": ["../../etc"]}, {"batches": [1]},
        {"batches": ["00000001", "00000001"]}, {"batches": ["00000001\n"]},
        {"batches": ["٠٠٠٠٠٠٠١"]},
        {"derived": "../x"}, {"derived": 3}, {"derived": ""}, {"derived": ".new-1"},
        {"next_part": 0}, {"next_part": 2**31 + 1},
    ],
)  # fmt: skip
def test_snapshots_that_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(SnapshotDamaged):
        snapshot.parse(json.dumps(GOOD | change).encode())


@pytest.mark.parametrize("key", GOOD)
def test_snapshots_that_lack_something(key: str) -> None:
    content = json.dumps({k: v for k, v in GOOD.items() if k != key}).encode()
    with pytest.raises(SnapshotDamaged):
        snapshot.parse(content)


@pytest.mark.parametrize("content", [b"", b"{", b"null", b"[]", b"\xff\xfe", b"[" * 100_000, b"1"])
def test_things_that_are_no_snapshot(content: bytes, tmp_path: Path) -> None:
    databank.create(tmp_path / "bank")
    (tmp_path / "bank" / "lake.json").write_bytes(content)
    with pytest.raises(SnapshotDamaged):
        snapshot.read(tmp_path / "bank")


def test_a_newer_format_is_named() -> None:
    assert snapshot.parse(json.dumps(GOOD).encode()).version == 3
    with pytest.raises(FormatTooNew, match="newer version"):
        snapshot.parse(json.dumps(GOOD | {"format": 2, "batches": {"new": "way"}}).encode())


def test_a_failed_write_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "bank"
    databank.create(root)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DatabankNotWritable, match="disk is full"):
        snapshot.write(root, replace(Snapshot(), version=9))
    assert snapshot.read(root) == Snapshot()


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    databank.create(tmp_path)
    seen: list[str] = []

    def other() -> None:
        try:
            with lock.writer(tmp_path):
                seen.append("in")
        except DatabankBusy as error:
            seen.append(str(error))

    with lock.writer(tmp_path):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        with pytest.raises(DatabankBusy), lock.writer(tmp_path):
            pass
        with pytest.raises(DatabankBusy):
            databank.delete(tmp_path)
    other()
    assert seen == [DatabankBusy.sentence, "in"]
    assert databank.exists(tmp_path)
    with pytest.raises(DatabankNotFound), lock.writer(tmp_path / "nothing"):
        pass


HOLDER = """
import sys, time
from pathlib import Path
from ingest.lake import lock
with lock.writer(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_killed_writer_blocks_nobody(tmp_path: Path) -> None:
    databank.create(tmp_path)
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(DatabankBusy), lock.writer(tmp_path, timeout=0.1):
            pass
        process.kill()
        process.wait()
    with lock.writer(tmp_path):
        pass
