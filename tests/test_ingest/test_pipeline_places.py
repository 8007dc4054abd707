"""Odd places: databanks that cannot be used, names that are no text, folders without a bottom."""

from __future__ import annotations

import functools
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest import part, worker
from ingest.lake import layout, snapshot
from ingest.lake.errors import (
    DatabankNotWritable,
    FormatTooNew,
    LakeError,
    NotADatabank,
    SecretMissing,
    SnapshotDamaged,
)
from ingest.pipeline import ingest
from ingest.sources import restored
from tests.test_ingest.pipeline_lakes import (
    assert_same,
    assert_sound,
    copied,
    counts,
    read,
    rows,
    series,
    value,
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ``source`` of three files and a ``lake`` that has read it."""
    folder = tmp_path_factory.mktemp("small")
    read(series(folder / "source", 1, 3), folder / "lake")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_no_databank_can_be_made_there(small: Path, tmp_path: Path) -> None:
    source = [str(small / "source")]
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatabankNotWritable):
        ingest(source, tmp_path / "file" / "lake")
    with pytest.raises(NotADatabank):
        ingest(source, tmp_path / "file")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "holiday.jpg").write_bytes(b"\xff\xd8")
    with pytest.raises(NotADatabank):
        ingest(source, tmp_path / "photos")
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["holiday.jpg"]


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="no /proc here")
def test_a_folder_that_nobody_may_write_in(small: Path) -> None:
    with pytest.raises(DatabankNotWritable) as raised:
        ingest([str(small / "source")], Path("/proc/lake"))
    assert "/proc" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        (layout.SNAPSHOT, b'{"format": 99, "future": true}', FormatTooNew),
        (layout.SNAPSHOT, b'{"format": 1, "batches": ["../../etc"]}', SnapshotDamaged),
        (layout.SNAPSHOT, b"", SnapshotDamaged),
        ("phi/secret.key", b"short", SecretMissing),
    ],
)
def test_a_databank_that_cannot_be_used(
    name: str, content: bytes, error: type[LakeError], small: Path, tmp_path: Path
) -> None:
    root = copied(small / "lake", tmp_path / "lake")
    (root / name).write_bytes(content)
    before = contents(root)
    with pytest.raises(error):
        read(small / "source", root)
    assert contents(root) == before


def test_a_databank_that_lost_a_file(small: Path, tmp_path: Path) -> None:
    root = copied(small / "lake", tmp_path / "lake")
    next(root.glob("open/batches/*/files-*.parquet")).unlink()
    with pytest.raises(LakeError) as raised:
        read(small / "source", root)
    assert str(tmp_path) not in str(raised.value)


def test_all_numbers_are_used_up(small: Path, tmp_path: Path) -> None:
    root = copied(small / "lake", tmp_path / "lake")
    state = json.loads((root / layout.SNAPSHOT).read_bytes())
    state["next_part"] = layout.MAX_PART - 100
    (root / layout.SNAPSHOT).write_text(json.dumps(state))
    series(tmp_path / "more", 1, 2, kind="ge")
    summary = read(tmp_path / "more", root)
    assert summary.state == "failed"
    assert summary.troubles == ("The databank has used up all numbers of parts.",)
    assert counts(summary) == {}
    assert_sound(root)
    assert_same(small / "lake", root)
    assert snapshot.read(root).next_part <= layout.MAX_PART


def test_a_unit_with_more_parts_than_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its numbers would be those of the next one, and its files would be overwritten."""
    monkeypatch.setattr(worker, "_Writer", functools.partial(worker._Writer, left=2))
    monkeypatch.setattr(part, "MAX_FILES", 2)
    source, root = series(tmp_path / "source", 2, 3), tmp_path / "lake"
    with zipfile.ZipFile(source / "of.zip", "w") as archive:
        for number in range(5):
            archive.writestr(f"{number}", f"text {number}")
    assert counts(read(source, root)) == {"ok": 6, "error": 1}
    assert value(root, "SELECT count(DISTINCT file_id) FROM files") == 7
    query = "SELECT reason FROM files WHERE status = 'error'"
    assert value(root, query) == "the header cannot be read (TooManyParts)"
    assert_sound(root)


NAMES = (
    b"\xc3\xa9t\xc3\xa9 \xe5\x8c\xbb\xe9\x99\xa2 \xf0\x9f\xa9\xbb",
    b"e\xcc\x81",  # not in normal form
    b"line\nfeed\r\ttab",
    b"latin-1 \xe9\xff",
    b"latin-1 %E9%FF",
    b"%FF %25 100%",
    b"a!|b",
    b" spaces ",
    b'quote\'s "double" `tick` \\ $HOME ; *?[x]',
    b"-rf",
    b".hidden",
    b"\x01\x7f",
    b"n" * 255,
)


@pytest.mark.skipif(os.name != "posix", reason="Windows has other names")
def test_names_of_all_kinds(tmp_path: Path) -> None:
    """Every uri gives the path back, and is the same the next time."""
    made = series(tmp_path / "made", 1, 2)
    paths: set[bytes] = set()
    for number, name in enumerate(NAMES):
        folder = tmp_path / "source" / os.fsdecode(name)
        folder.mkdir(parents=True)
        for inside in (name, NAMES[number - 1]):
            path = folder / os.fsdecode(inside)
            shutil.copy(made / "S00000" / f"I{number % 2:05}.dcm", path)
            paths.add(os.fsencode(path))
    with zipfile.ZipFile(tmp_path / "source" / "of.zip", "w") as archive:
        for member in ("é", "a!/b", "line\nfeed", "../../up", "%FF"):
            archive.writestr(member, "text")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("é", "another text")
    root = tmp_path / "lake"
    summary = read(tmp_path / "source", root)
    assert counts(summary) == {"ok": 2, "duplicate": len(paths) - 2, "not_dicom": 6}
    stored = rows(root, "SELECT uri FROM files WHERE container IS NULL")
    assert {os.fsencode(restored(uri)) for (uri,) in stored} == paths
    inside = f"{tmp_path}/source/of.zip!/"
    members = rows(root, "SELECT uri FROM files WHERE container IS NOT NULL")
    assert {uri.removeprefix(inside) for (uri,) in members} == {
        "é", "é#2", "a!/b", "line\nfeed", "../../up", "%25FF"
    }  # fmt: skip
    assert counts(read(tmp_path / "source", root)) == {"unchanged": len(paths) + 6}
    assert_sound(root)


@pytest.fixture
def abyss(tmp_path: Path, small: Path) -> Iterator[Path]:
    """Folders 3,000 levels deep, a file at the 10th and one at the last, by a path too long."""
    home, levels = Path.cwd(), 3000
    file = small / "source" / "S00000" / "I00000.dcm"
    top = tmp_path / "source"
    top.mkdir()
    try:
        os.chdir(top)
        for level in range(levels):
            if level == 10:
                shutil.copy(file, "here")
            Path("d").mkdir()
            os.chdir("d")
        shutil.copy(file, "bottom")
        os.chdir(home)
        yield top
    finally:  # rmtree would call itself 3,000 times
        os.chdir(top)
        while Path("d").is_dir():
            os.chdir("d")
        while not Path().samefile(top):
            for path in Path().iterdir():
                path.unlink() if path.is_file() else path.rmdir()
            os.chdir("..")
        Path("d").rmdir()
        os.chdir(home)


@pytest.mark.skipif(os.name != "posix", reason="paths end sooner on Windows")
def test_a_folder_without_a_bottom(abyss: Path, tmp_path: Path) -> None:
    summary = read(abyss, tmp_path / "lake")
    assert counts(summary) == {"ok": 1, "error": 1}
    reasons = rows(tmp_path / "lake", "SELECT reason FROM files WHERE status = 'error'")
    assert reasons == [("File name too long",)]
    assert counts(read(abyss, tmp_path / "lake")) == {"unchanged": 1, "error": 1}


def test_many_empty_files(tmp_path: Path) -> None:
    for folder in range(10):
        (tmp_path / "source" / f"{folder}").mkdir(parents=True)
        for number in range(1000):
            (tmp_path / "source" / f"{folder}" / f"{number}").touch()
    root = tmp_path / "lake"
    assert counts(read(tmp_path / "source", root)) == {"not_dicom": 10_000}
    assert counts(read(tmp_path / "source", root)) == {"unchanged": 10_000}
    assert rows(root, "SELECT DISTINCT reason FROM files") == [("the file is empty",)]
    assert_sound(root)
