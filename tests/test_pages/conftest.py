"""The home that pages look at, and nothing kept from one test to the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.queries import Databank


@pytest.fixture
def home(lakes: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with the databanks full, empty and errors."""
    monkeypatch.setenv("TAGLAKE_HOME", str(lakes))
    return lakes


@pytest.fixture
def new_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without any databank."""
    monkeypatch.setenv("TAGLAKE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def own(places: Path, monkeypatch: pytest.MonkeyPatch) -> Databank:
    """The databank ``own`` of the home that a module makes once, as its fixture ``places``."""
    monkeypatch.setenv("TAGLAKE_HOME", str(places))
    return Databank(places / "databanks" / "own")
