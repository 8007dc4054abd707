"""`taglake version`: what runs here, for a report of a problem."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version
from typing import Annotated

import typer

from ingest import __version__

LIBRARIES = ("duckdb", "polars", "pydicom", "streamlit")


def command(
    as_json: Annotated[bool, typer.Option("--json", help="As a JSON object.")] = False,
) -> None:
    """Versions of Taglake, Python and the main libraries."""
    versions = {"taglake": __version__, "python": platform.python_version()}
    versions |= {name: version(name) for name in LIBRARIES}
    if as_json:
        print(json.dumps(versions))
        return
    for name, number in versions.items():
        print(f"{name} {number}")
