"""The command line as a whole: every command is told of, starts fast, and fails in a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.command_line import COMMANDS, build
from ingest.exits import Exit
from tests.test_app.command_line import taglake

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"duckdb", "polars", "pydicom", "numpy", "streamlit", "pyarrow", "plotly", "pandas"}


def test_help_has_a_line_for_every_command() -> None:
    ended = taglake("--help")
    assert ended.code == 0
    listed = [line.strip("│ ").split()[0] for line in ended.text.splitlines() if "│ " in line]
    assert set(COMMANDS) <= set(listed)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does_in_a_line(name: str) -> None:
    registered = build()
    helps = {c.name: c.callback.__doc__ for c in registered.registered_commands if c.callback}
    helps |= {g.name: g.typer_instance.info.help for g in registered.registered_groups}
    first = str(helps[name]).strip().splitlines()[0]
    # a line of 80 characters, less the frame and the longest name
    assert 10 < len(first) <= 80 - 6 - len(max(COMMANDS, key=len))
    assert first.endswith(".")
    if name != "test":  # whose arguments, --help too, are pytest's
        assert taglake(name, "--help").code == 0


@pytest.mark.parametrize("module", ["app.command_line", "ingest.__main__"])
def test_starting_imports_nothing_heavy(module: str) -> None:
    code = f"import {module}, sys; print(*sorted(m.split('.')[0] for m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert HEAVY.isdisjoint(done.stdout.split())


def test_exit_codes_are_what_scripts_rely_on() -> None:
    codes = {member.name: int(member) for member in Exit}
    assert codes == {
        "DONE": 0, "NOTHING": 1, "USAGE": 2, "UNREACHABLE": 3, "NOT_WRITABLE": 4,
        "INTERRUPTED": 130,
    }  # fmt: skip


def test_version_names_what_runs() -> None:
    ended = taglake("version", "--json")
    versions = json.loads(ended.out)
    assert versions["python"] == sys.version.split()[0]
    assert set(versions) == {"taglake", "python", "duckdb", "polars", "pydicom", "streamlit"}


GARBAGE = [
    "",
    " ",
    "\x1b[31mred",
    "../../../etc",
    "\ud800",
    "a" * 5000,
    "--",
    "-1",
    "*",
    "%00",
    "🩻",
]


@pytest.mark.parametrize("text", GARBAGE, ids=ascii)
@pytest.mark.parametrize(
    "command",
    [
        ["sql"],
        ["header"],
        ["metadata"],
        ["schema"],
        ["check", "--databank"],
        ["compact", "--databank"],
        ["sql", "SELECT 1", "--databank"],
        ["serve", "--databank"],
        ["databanks", "delete", "--yes"],
        ["ingest", "--databank", "x"],
    ],
    ids=" ".join,
)
def test_garbage_is_answered_in_a_sentence(
    command: list[str], text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAGLAKE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    if not text and command[0] == "serve":
        pytest.skip("no databank named is any: it would serve")
    ended = taglake(*command, text) if text != "--" else taglake(*command, "--", "--")
    if ended.code == 0:  # an empty TABLE means all of them
        assert (command, text) == (["schema"], "")
        return
    assert ended.code in (Exit.NOTHING, Exit.USAGE, Exit.UNREACHABLE)
    assert ended.out == b"" or command == ["ingest", "--databank", "x"]
    assert ended.err.strip()
    assert "Traceback" not in ended.err
    assert "\x1b[31m" not in ended.err


def test_a_databank_has_to_be_named_where_it_is_not_plain_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAGLAKE_HOME", str(tmp_path))
    question = ("sql", "SELECT count(*) AS n FROM files", "--format", "csv")
    ended = taglake(*question)
    assert (ended.code, ended.out) == (2, b"")
    assert "There is none yet" in ended.err
    taglake("databanks", "create", "one")
    assert taglake(*question).text == "n\n0\n"
    taglake("databanks", "create", "two")
    ended = taglake(*question)
    assert (ended.code, ended.out) == (2, b"")
    assert "There are: one, two." in ended.err
    monkeypatch.setenv("TAGLAKE_DATABANK", "two")
    assert taglake(*question).code == 0
    assert taglake(*question, "--databank", tmp_path / "databanks" / "one").code == 0
    assert "There are: one, two." in taglake(*question, "-d", "three").err


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_interrupt_while_commands_are_imported_ends_with_a_sentence() -> None:
    code = (
        "import builtins, runpy, sys\n"
        "import_ = builtins.__import__\n"
        "def interrupting(name, *rest, **more):\n"
        "    if name == 'typer': raise KeyboardInterrupt\n"
        "    return import_(name, *rest, **more)\n"
        "builtins.__import__ = interrupting\n"
        "runpy.run_module('app', run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (Exit.INTERRUPTED, "")
    assert done.stderr == "Error: Interrupted before it began.\n"
