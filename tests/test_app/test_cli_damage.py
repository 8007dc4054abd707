"""Databanks with a file that is missing or cut: commands say so in a sentence, whoever asks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from ingest.lake.errors import PhiNotReadable, SnapshotDamaged
from tests.test_app.command_line import Ended, taglake, write_instance

READING = (
    ("sql", "SELECT count(*) FROM series"),
    ("sql", "SELECT 1", "--identifiers"),
    ("export", "studies", "--format", "csv"),
    ("qa",),
    ("mr",),
    ("header", "1.2.3.4.1"),
)
BATCHES = ["open/batches/00000001/" + name for name in ("instances-1.parquet", "manifest.json")]
DERIVED = ["open/derived/1/" + name for name in ("series.parquet", "dropped.parquet")]
FILES = [*BATCHES, *DERIVED, "lake.json"]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two files and the databank made of them."""
    home = tmp_path_factory.mktemp("sound")
    for number in (1, 2):
        write_instance(home / "source" / f"{number}.dcm", number)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAGLAKE_HOME", str(home))
        assert taglake("ingest", home / "source", "-d", "bank").code == 0
    return home


@pytest.fixture
def root(sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that databank."""
    monkeypatch.setenv("TAGLAKE_HOME", str(tmp_path))
    return shutil.copytree(sound / "databanks" / "bank", tmp_path / "databanks" / "bank")


def damage(path: Path, how: str) -> None:
    if how == "cut":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    else:
        path.unlink()


def is_a_sentence(ended: Ended, root: Path) -> bool:
    return (
        ended.code == 4
        and not ended.out
        and ended.err.startswith("Error: ")
        and ended.err.endswith(".\n")
        and str(root) not in ended.err
    )


@pytest.mark.parametrize("how", ["cut", "gone"])
@pytest.mark.parametrize("name", FILES)
def test_nothing_is_answered_from_what_is_left(name: str, how: str, root: Path) -> None:
    damage(root / name, how)
    for command in READING:
        ended = taglake(*command)
        assert is_a_sentence(ended, root), (command, ended)
    checked = taglake("check", "--json")
    assert checked.code == 1
    errors = [found["where"] for found in json.loads(checked.out) if found["severity"] == "error"]
    assert errors == [name]
    assert name in taglake("check").text


@pytest.mark.parametrize("name", [*DERIVED, "lake.json"])
def test_what_can_be_made_again_is(name: str, sound: Path, root: Path) -> None:
    before = pl.read_parquet(root / "open/derived/1/series.parquet")
    damage(root / name, "gone")
    force = ["--force"] if name in DERIVED else []
    assert ("--force" in taglake("check").err) == bool(force)
    assert taglake("ingest", sound / "source", "-d", "bank", *force).code == 0
    assert taglake("check").code == 0
    (after,) = (pl.read_parquet(p) for p in root.glob("open/derived/2/series.parquet"))
    assert after.equals(before)
    assert taglake("sql", "SELECT count(*) AS n FROM instances", "--format", "csv").text == "n\n2\n"


def test_without_phi_everything_but_identifiers_is_there(root: Path) -> None:
    """Such is a copy of what identifies nobody, and to others than its owner any databank."""
    shutil.rmtree(root / "phi")
    assert taglake("sql", "SELECT count(*) AS n FROM series", "--format", "csv").text == "n\n1\n"
    assert taglake("qa").code == 0
    for command in (
        ("sql", "SELECT 1", "--identifiers"),
        ("export", "studies", "--format", "csv", "--identifiers"),
    ):
        ended = taglake(*command)
        assert is_a_sentence(ended, root)
        assert ended.err == f"Error: {PhiNotReadable.sentence}\n"
    errors = [
        one for one in json.loads(taglake("check", "--json").out) if one["severity"] == "error"
    ]
    assert errors == [{"severity": "error", "where": "phi", "message": PhiNotReadable.sentence}]


def test_a_folder_that_is_closed_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(root))

    for name in ("is_file", "is_dir", "open"):
        monkeypatch.setattr(Path, name, closed)
    monkeypatch.setattr("ingest.lake.snapshot.open", closed, raising=False)
    ended = taglake("sql", "SELECT 1")
    assert is_a_sentence(ended, root)
    assert ended.err == "Error: The databank cannot be read: permission denied.\n"


def test_a_list_of_databanks_says_which_cannot_be_read(root: Path) -> None:
    damage(root / "lake.json", "cut")
    (listed,) = json.loads(taglake("databanks", "list", "--json").out)
    assert listed["batches"] is None
    assert listed["error"] == SnapshotDamaged.sentence
    assert listed["bytes"] == sum(p.stat().st_size for p in root.rglob("*") if p.is_file())
    ended = taglake("databanks", "list")
    assert (ended.code, ended.err) == (0, f"bank: {SnapshotDamaged.sentence}\n")
