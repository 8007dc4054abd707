"""The home that pages look at, and nothing kept from one test to the next."""

from __future__ import annotations

from pathlib import Path

import pytest


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
