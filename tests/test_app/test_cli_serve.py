"""`taglake serve` and `demo`, with a small server in place of Streamlit."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
import typer

from app.commands import serve
from app.demo import CohortSummary
from ingest.lake import databank
from ingest.lake.errors import DatabankNotFound
from tests.test_app.command_line import taglake, write_instance

ROOT = Path(__file__).resolve().parents[2]

SERVED = """
import subprocess, sys
from app.commands import serve
SERVER = '''
import os, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
        self.wfile.write(os.environ["TAGLAKE_HOME"].encode())
    def log_message(self, *args): pass
HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
'''
def running(port, environment):
    code = {code}
    return subprocess.Popen([sys.executable, "-c", code, str(port)], env=environment)
serve.running = running
from app.__main__ import main
main()
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TAGLAKE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_taken_port_is_passed_over(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert serve.free_port(taken) > taken
    monkeypatch.setattr(serve, "PORTS_TRIED", 1)
    with pytest.raises(typer.Exit):
        serve.free_port(taken)


def test_what_the_app_is_told_to_show(home: Path, tmp_path: Path) -> None:
    databank.create(databank.path_of("heart"))
    assert serve.shown("heart") == serve.Shown(home, "heart")
    elsewhere = tmp_path / "else" / "databanks" / "lung"
    elsewhere.parent.mkdir(parents=True)
    databank.create(elsewhere)
    assert serve.shown(str(elsewhere)) == serve.Shown(tmp_path / "else", "lung")
    databank.create(tmp_path / "stray")
    for name in ("missing", str(tmp_path / "stray")):
        with pytest.raises(DatabankNotFound):
            serve.shown(name)


def started(code: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SERVED.format(code=code), "serve", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "DISPLAY": "", "WAYLAND_DISPLAY": ""},
    )  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_ends_when_told(
    home: Path, taken: int, number: signal.Signals
) -> None:
    databank.create(databank.path_of("heart & lung"))
    process = started("SERVER", "--port", str(taken), "--databank", "heart & lung")
    assert process.stderr is not None
    assert f"Port {taken} is taken" in process.stderr.readline()
    said = process.stderr.readline()
    match = re.fullmatch(
        r"Taglake is at (http://127\.0\.0\.1:\d+)/\?databank=heart\+%26\+lung \(Ctrl-C .+\)\.\n",
        said,
    )
    assert match, said
    with urlopen(match[1], timeout=5) as answer:
        assert answer.read().decode() == str(home)
    process.send_signal(number)
    out, _ = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "")


def test_an_app_that_does_not_start_is_a_sentence(home: Path) -> None:
    process = started("'raise SystemExit(3)'")
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert err.endswith("Error: The app did not start; what it said is above.\n")


def test_the_demo_is_made_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_cohort(folder: Path, *, seed: int, scale: int, progress: object) -> CohortSummary:
        if not folder.exists():
            for number in range(1, 3):
                write_instance(folder / str(number), number)
        return CohortSummary(seed, scale, 2, 2, 0, 0, 0, 0, 1, 1, 1, 1000)

    monkeypatch.setattr("app.demo.write_cohort", write_cohort)
    first = taglake("demo", "--no-serve")
    assert first.code == 0
    assert "2 files of 1 patient in" in first.err
    assert re.search(r"2 +ok", first.text)
    second = taglake("demo", "--no-serve")
    assert second.code == 0
    assert re.search(r"2 +unchanged", second.text)
    assert databank.names() == ["demo"]


def test_a_demo_does_not_write_where_other_things_are(home: Path) -> None:
    (home / "demo").mkdir()
    (home / "demo" / "thesis.txt").write_text("x", "utf-8")
    ended = taglake("demo", "--no-serve")
    assert (ended.code, ended.out) == (2, b"")
    assert ended.err.splitlines()[-1].startswith("Error: The cohort cannot be written")
    assert [path.name for path in (home / "demo").iterdir()] == ["thesis.txt"]


def test_the_cohort_with_shifted_dates_is_a_databank_of_its_own(home: Path) -> None:
    first = taglake("demo", "--shifted", "--no-serve")
    assert first.code == 0
    assert "36 files in" in first.err
    assert re.search(r"36 +ok", first.text)
    second = taglake("demo", "--shifted", "--no-serve")
    assert second.code == 0
    assert re.search(r"36 +unchanged", second.text)
    assert databank.names() == ["demo-shifted"]
