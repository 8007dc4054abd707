"""The launcher with a Python that only pretends: what it makes, when it does so anew, what it says.

The pretended Python makes a folder where a virtual environment would be, notes every call of pip,
and prints what it is asked to run. A real environment is made by `.ci/run`.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LAUNCHER = ROOT / "taglake"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the pretended Python is a POSIX script")

WRAPPER = """#!/bin/sh
exec '{python}' '{script}' "$0" "$@"
"""

PRETENDED = """
import os, sys, time
here, called, arguments = os.path.dirname(sys.argv[0]), sys.argv[1], sys.argv[2:]
def setting(name, default=""):
    path = os.path.join(here, name)
    return open(path).read() if os.path.exists(path) else default
if arguments[0] == "-c":
    python = os.path.realpath(called)
    print(python, setting("version", "3.12"), setting("venv", "1"), "1", sep="\\n")
elif arguments[:2] == ["-m", "venv"]:
    os.makedirs(os.path.join(arguments[2], "bin"))
    open(os.path.join(arguments[2], "pyvenv.cfg"), "w").close()
    os.symlink(called, os.path.join(arguments[2], "bin", "python"))
elif arguments[:2] == ["-m", "pip"] and arguments[-1] == "pip":
    with open(os.path.join(here, "renewed.log"), "a") as log:
        log.write(" ".join(arguments[2:]) + "\\n")
    sys.exit(setting("no_such_pip") and "ERROR: No matching distribution found for pip")
elif arguments[:2] == ["-m", "pip"]:
    with open(os.path.join(here, "pip.log"), "a") as log:
        log.write(os.path.basename(arguments[-1]) + "\\n")
    print("Collecting duckdb")
    time.sleep(float(setting("slow", "0")))
    if setting("broken"):
        print("ERROR: No matching distribution found for duckdb")
        sys.exit(1)
else:
    print(os.getpid(), os.getcwd(), os.environ["PYTHONPATH"], arguments, sep="\\n")
    sys.exit(7)
"""

DRIVER = """
import importlib.util, sys
from importlib.machinery import SourceFileLoader
loader = SourceFileLoader("launcher", sys.argv[1])
launcher = importlib.util.module_from_spec(importlib.util.spec_from_loader("launcher", loader))
loader.exec_module(launcher)
launcher.candidates = lambda: [[sys.argv[2]]]
sys.exit(launcher.main(sys.argv[3:]))
"""


class Checkout:
    """A copy of the launcher in a folder of its own, with the pretended Python."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a checkout, with spaces"
        self.settings = folder / "pretended"
        self.root.mkdir()
        self.settings.mkdir()
        for name in ("taglake", "requirements.txt", "requirements-dev.txt", "requirements.lock"):
            shutil.copy(ROOT / name, self.root)
        self.python = self.settings / "python3.12"
        script = self.settings / "pretended.py"
        script.write_text(PRETENDED, "utf-8")
        self.python.write_text(WRAPPER.format(python=sys.executable, script=script), "utf-8")
        self.python.chmod(0o755)
        self.venv = self.root / ".venv"

    def set(self, name: str, value: str) -> None:
        (self.settings / name).write_text(value, "utf-8")

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", DRIVER, str(self.root / "taglake"), str(self.python)]
        return subprocess.Popen(
            [*command, *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.settings,
            env={**os.environ, "TAGLAKE_VENV": "", "PYTHONPATH": "", **environment},
        )  # fmt: skip

    def run(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        process = self.start(*arguments, **environment)
        out, err = process.communicate(timeout=30)
        return process.returncode, out, err

    def start_and_wait_for_pip(self) -> subprocess.Popen[str]:
        """A start that is in the middle of installing, and stays there for a minute."""
        self.set("slow", "60")
        process = self.start()
        deadline = time.monotonic() + 30
        while not self.installed:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return process

    @property
    def installed(self) -> list[str]:
        """The requirements files that pip was called with."""
        log = self.settings / "pip.log"
        return log.read_text("utf-8").splitlines() if log.exists() else []


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_the_first_start_makes_all_and_becomes_the_command(checkout: Checkout) -> None:
    process = checkout.start("sql", "SELECT 'two words'")
    out, err = process.communicate(timeout=30)
    pid, cwd, path, arguments = out.splitlines()
    assert process.returncode == 7
    assert int(pid) == process.pid  # signals and exit codes need no passing on
    assert (cwd, path) == (str(checkout.settings), str(checkout.root))
    assert arguments == "['-P', '-m', 'app', 'sql', \"SELECT 'two words'\"]"
    assert "Making" in err
    assert "Installing" in err
    assert checkout.installed == ["requirements.txt"]


@pytest.mark.parametrize("missing", ["", "yes"])
def test_pip_is_renewed_once_where_it_can_be(checkout: Checkout, missing: str) -> None:
    checkout.set("no_such_pip", missing)
    for _ in range(2):
        code, _, err = checkout.run()
        assert code == 7
        assert "No matching" not in err
    (called,) = (checkout.settings / "renewed.log").read_text("utf-8").splitlines()
    assert called.endswith("-c " + str(checkout.root / "requirements.lock") + " pip")
    assert checkout.installed == ["requirements.txt"]


def test_the_second_start_only_becomes_the_command(checkout: Checkout) -> None:
    checkout.run()
    code, _, err = checkout.run("check")
    assert (code, err) == (7, "")
    assert checkout.installed == ["requirements.txt"]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements.lock"])
def test_changed_requirements_are_installed_into_what_is_there(
    checkout: Checkout, name: str
) -> None:
    checkout.run()
    (checkout.venv / "kept").touch()
    with open(checkout.root / name, "a", encoding="utf-8") as file:
        file.write("zstandard==1.0\n")
    code, _, err = checkout.run()
    assert code == 7
    assert "Making" not in err
    assert checkout.installed == ["requirements.txt"] * 2
    assert (checkout.venv / "kept").exists()


def test_other_line_ends_are_no_change(checkout: Checkout) -> None:
    checkout.run()
    file = checkout.root / "requirements.txt"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert checkout.run()[2] == ""


def test_tests_install_their_tools_once_and_run_in_the_root(checkout: Checkout) -> None:
    checkout.run()
    code, out, _ = checkout.run("test", "-k", "x")
    _, cwd, _, arguments = out.splitlines()
    assert (code, cwd) == (7, str(checkout.root))
    assert arguments == "['-m', 'pytest', '-k', 'x']"
    checkout.run("test")
    checkout.run("check")
    assert checkout.installed == ["requirements.txt", "requirements-dev.txt"]


def test_a_killed_start_is_made_anew(checkout: Checkout) -> None:
    process = checkout.start_and_wait_for_pip()
    process.kill()
    process.communicate()
    (checkout.venv / "half").touch()
    checkout.set("slow", "0")
    code, _, err = checkout.run()
    assert code == 7
    assert "Making" in err
    assert not (checkout.venv / "half").exists()
    assert checkout.run()[2] == ""


def test_ctrl_c_is_a_sentence(checkout: Checkout) -> None:
    process = checkout.start_and_wait_for_pip()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert err.endswith("taglake: Interrupted. The next start begins anew.\n")


def test_a_failed_installation_says_why_and_is_tried_again(checkout: Checkout) -> None:
    checkout.set("broken", "yes")
    code, out, err = checkout.run()
    assert (code, out) == (1, "")
    assert "No matching distribution found for duckdb" in err
    (checkout.venv / "kept").touch()
    (checkout.settings / "broken").unlink()
    code, _, err = checkout.run()
    assert code == 7
    assert (checkout.venv / "kept").exists()  # pip ended by itself: nothing was half done


def test_two_starts_at_once_install_once(checkout: Checkout) -> None:
    checkout.set("slow", "0.5")
    starts = [checkout.start() for _ in range(3)]
    ended = [(start.communicate(timeout=30)[1], start.returncode) for start in starts]
    assert [code for _, code in ended] == [7, 7, 7]
    assert checkout.installed == ["requirements.txt"]
    assert any("waiting" in err for err, _ in ended)


def test_a_patched_python_needs_no_installation(checkout: Checkout) -> None:
    checkout.run()
    os.utime(checkout.python, (1, 1))
    assert checkout.run()[2] == ""
    assert checkout.installed == ["requirements.txt"]


def test_another_python_behind_the_link_is_made_anew(checkout: Checkout) -> None:
    checkout.run()
    checkout.set("version", "3.13")
    os.utime(checkout.python, (1, 1))
    code, _, err = checkout.run()
    assert code == 7
    assert "Making" in err
    assert "3.13" in err


def test_an_environment_made_by_hand_is_kept(checkout: Checkout) -> None:
    (checkout.venv / "bin").mkdir(parents=True)
    (checkout.venv / "bin" / "python").symlink_to(checkout.python)
    (checkout.venv / "kept").touch()
    code, _, err = checkout.run()
    assert code == 7
    assert "Making" not in err
    assert (checkout.venv / "kept").exists()


def test_a_folder_with_other_things_is_left_alone(checkout: Checkout, tmp_path: Path) -> None:
    precious = tmp_path / "home"
    precious.mkdir()
    (precious / "thesis.txt").write_text("x", "utf-8")
    code, out, err = checkout.run(TAGLAKE_VENV=str(precious))
    assert (code, out) == (1, "")
    assert "has other things in it" in err
    assert (precious / "thesis.txt").exists()


def test_a_folder_that_cannot_be_written_is_a_sentence(checkout: Checkout) -> None:
    code, out, err = checkout.run(TAGLAKE_VENV="/dev/null/venv")
    assert (code, out) == (1, "")
    assert re.fullmatch(
        r"taglake: /dev/null/venv cannot be written \(.+\)\. Set TAGLAKE_VENV .+\n", err
    )


def test_a_python_without_ensurepip_names_the_package(checkout: Checkout) -> None:
    checkout.set("venv", "0")
    code, _, err = checkout.run()
    assert code == 1
    assert "sudo apt install python3.12-venv" in err


def test_an_old_python_says_what_is_needed(checkout: Checkout) -> None:
    checkout.set("version", "3.9")
    code, _, err = checkout.run()
    assert code == 1
    assert "Taglake needs Python 3.11 or newer" in err


def test_an_old_python_can_read_the_launcher() -> None:
    source = LAUNCHER.read_text("utf-8")
    ast.parse(source, feature_version=(3, 6))
    imported = {
        alias.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert imported <= set(sys.stdlib_module_names)
    assert "from __future__" not in source  # Python 3.6 does not know annotations
    assert os.access(LAUNCHER, os.X_OK)


def _pins(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith(("#", "-"))]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][^ ;]*", line) for line in wanted)
    return {canonicalize_name(line.split("==")[0]): line.split("==")[1] for line in wanted}


def test_everything_that_is_needed_is_pinned() -> None:
    pins = _pins("requirements.txt") | _pins("requirements-dev.txt") | _pins("requirements.lock")
    waiting = [*_pins("requirements.txt"), *_pins("requirements-dev.txt")]
    reached: set[str] = set()
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in reached:
            continue
        reached.add(name)
        for line in metadata.requires(name) or ():
            need = Requirement(line)
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                waiting.append(need.name)
    installed = {name: metadata.version(name) for name in reached}
    assert installed == {name: pins[name] for name in reached}
