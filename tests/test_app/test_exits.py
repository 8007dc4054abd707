"""How a process ends: with what is registered for it, its output written, and the right code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ingest.lake import databank

ROOT = Path(__file__).resolve().parents[2]
FULL = Path("/dev/full")

ENDING = """
import atexit, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from ingest.exits import run_and_leave

def later():
    time.sleep(0.3)
    print("thread")

class Kept:
    def __del__(self):
        print("taken apart")

kept = Kept()
never_ended = ThreadPoolExecutor(1)

def application(prog_name):
    atexit.register(print, "registered")
    never_ended.submit(len, "").result()
    threading.Thread(target=later).start()
    sys.stdout.write(prog_name + " ")
    sys.exit(CODE)

run_and_leave(application, "name")
"""


def ended(code: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", ENDING.replace("CODE", code)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(("code", "number"), [("0", 0), ("130", 130), ("Exit.USAGE", 2)])
def test_threads_and_what_is_registered_have_their_turn(code: str, number: int) -> None:
    imported = code.replace("Exit", "__import__('ingest.exits').exits.Exit")
    assert ended(imported) == (number, "name thread\nregistered\n", "")


def test_a_text_as_code_is_printed_by_python() -> None:
    code, out, err = ended("'a sentence'")
    assert (code, err) == (1, "a sentence\n")
    assert out.endswith("taken apart\n")  # in Python's own way


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full, a device without room")
@pytest.mark.parametrize(
    "command", [["app", "version"], ["app", "check", "-d", "BANK"], ["ingest", "-d", "BANK", "."]]
)
def test_output_that_finds_no_room_is_a_sentence(command: list[str], tmp_path: Path) -> None:
    databank.create(tmp_path / "bank")
    (tmp_path / "file").touch()
    arguments = [str(tmp_path / "bank") if word == "BANK" else word for word in command]
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", *arguments], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)},
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    *_, last = done.stderr.splitlines()
    assert last == "Error: The output cannot be written: No space left on device."
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX closes the streams")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
@pytest.mark.parametrize(
    ("command", "code"), [("app version", 0), ("ingest /nowhere", 3), ("ingest --json /nowhere", 3)]
)
def test_a_process_without_streams_ends_as_others(command: str, code: int, closed: str) -> None:
    command = f"'{sys.executable}' -m {command} {closed}"
    done = subprocess.run(
        command, shell=True, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_a_reader_that_has_enough_is_no_error() -> None:
    command = [sys.executable, "-m", "app", "schema", "--json"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode in (1, 141)
