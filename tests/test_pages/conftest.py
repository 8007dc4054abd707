"""The home that pages look at, and nothing kept from one test to the next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.runtime.scriptrunner.script_cache import ScriptCache

from app.queries import Databank
from tests.conftest import fill


@pytest.fixture(scope="session", autouse=True)
def pages_compiled_once() -> Iterator[None]:
    """As in a server; AppTest compiles the app and its page for each run, a tenth of its time."""
    compiled = ScriptCache().get_bytecode
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScriptCache, "get_bytecode", lambda self, path: compiled(path))
        yield


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A databank to be copied: 2 studies, MR and CT, of 2 series each, 2 instances each."""
    root = tmp_path_factory.mktemp("small") / "small"
    fill(root, studies=2, series_per_study=2, instances_per_series=2)
    return root


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
