"""Statements saved in a databank: kept apart by identity, whole after any writer, names checked."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from app.console import saved
from app.console.saved import NotSaved, Saved
from app.statement import MAX_LENGTH
from ingest.lake import databank
from ingest.lake.check import check


@pytest.fixture
def root(tmp_path: Path) -> Path:
    databank.create(tmp_path / "bank")
    return tmp_path / "bank"


def refused(root: Path, one: Saved) -> str:
    with pytest.raises(NotSaved) as error:
        saved.save(root, one)
    return error.value.why


def test_what_is_saved_is_loaded_again(root: Path) -> None:
    assert saved.load(root, True) == []
    text = "SELECT 'ü \"⚕\"'\n-- of series\nFROM series"
    kept = saved.save(root, Saved("  Größe   nach\tJahr ", f"\n{text}\n"))
    assert kept == Saved("Größe nach Jahr", text)
    saved.save(root, Saved("a", "SELECT 1"))
    assert saved.load(root, False) == [Saved("a", "SELECT 1"), kept]
    saved.delete(root, kept)
    saved.delete(root, kept)
    assert saved.load(root, False) == [Saved("a", "SELECT 1")]


def test_what_may_name_somebody_is_kept_with_the_identifiers(root: Path) -> None:
    saved.save(root, Saved("one", "FROM studies WHERE PatientID = '1234567'", identifies=True))
    saved.save(root, Saved("one", "FROM studies"))
    assert saved.load(root, False) == [Saved("one", "FROM studies")]
    assert len(saved.load(root, True)) == 2
    files = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert [path.parent.name for path in files if b"1234567" in files[path]] == ["phi"]


def test_a_name_is_not_taken_by_accident(root: Path) -> None:
    saved.save(root, Saved("one", "SELECT 1"))
    assert refused(root, Saved("one", "SELECT 2")) == "taken"
    saved.save(root, Saved("one", "SELECT 2"), replace=True)
    assert saved.load(root, False) == [Saved("one", "SELECT 2")]


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\0b", "a\u202eb", "\udcff"])
def test_names_are_checked(root: Path, name: str) -> None:
    assert refused(root, Saved(name, "SELECT 1")) == "name"
    assert saved.load(root, True) == []


def test_statements_are_checked(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(root, Saved("a", "  ")) == "long"
    assert refused(root, Saved("a", "x" * (MAX_LENGTH + 1))) == "long"
    monkeypatch.setattr(saved, "MAX_SAVED", 2)
    for name in ("a", "b"):
        saved.save(root, Saved(name, "SELECT 1"))
    assert refused(root, Saved("c", "SELECT 1")) == "full"
    saved.save(root, Saved("b", "SELECT 2"), replace=True)


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"statements": 1}', '{"statements": [{"name": "a"}]}', "[" * 100_000,
     '{"statements": [{"name": "a", "statement": 1}]}', '{"statements": [[]]}', "null"],
)  # fmt: skip
def test_a_damaged_file_is_said_and_kept(root: Path, content: str) -> None:
    file = root / "open" / saved.FILE
    file.write_text(content)
    with pytest.raises(NotSaved) as error:
        saved.load(root, False)
    assert error.value.why == "damaged"
    assert refused(root, Saved("b", "SELECT 1")) == "damaged"
    assert file.read_text() == content


def test_sessions_do_not_lose_what_others_save(root: Path) -> None:
    def save(n: int) -> None:
        for k in range(5):
            saved.save(root, Saved(f"{n}-{k}", "SELECT 1"))

    threads = [threading.Thread(target=save, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(saved.load(root, False)) == 30
    assert json.loads((root / "open" / saved.FILE).read_text())["format"] == 1


def test_a_databank_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    assert refused(tmp_path / "missing", Saved("a", "SELECT 1")) == "unwritable"


def test_a_databank_stays_sound_and_can_be_deleted(root: Path) -> None:
    saved.save(root, Saved("a", "SELECT 1"))
    saved.save(root, Saved("b", "SELECT 1", identifies=True))
    assert check(root) == []
    databank.delete(root)
    assert not root.exists()
