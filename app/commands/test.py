"""`taglake test`: runs the tests; the launcher does so itself, as it has to install their tools."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import typer

from app.terminal import fail

ROOT = Path(__file__).resolve().parents[2]


def command(context: typer.Context) -> None:
    """Install what the tests need and run them; arguments go to pytest."""
    if importlib.util.find_spec("pytest") is None:
        raise fail("The tools of the tests are not installed here: `./taglake test` installs them.")
    done = subprocess.run([sys.executable, "-m", "pytest", *context.args], cwd=ROOT, check=False)
    raise typer.Exit(done.returncode)
