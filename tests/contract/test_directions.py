"""Who may import whom: the contracts of pyproject.toml hold, and nothing new escapes them."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
STREAMLIT = "Streamlit only in app.main, app.ui and pages"


def _contract(name: str) -> dict[str, Any]:
    (found,) = [contract for contract in SETTINGS["contracts"] if contract["name"] == name]
    return dict(found)


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: imports are absolute"
            yield node.module or ""


def test_the_contracts_hold() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [program, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr


def test_every_part_of_the_app_is_under_a_contract() -> None:
    """A new module of app is either one of the three that may know Streamlit, or it is listed."""
    parts = {
        f"app.{path.stem}"
        for path in (ROOT / "app").iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").exists()
    }
    assert parts - {"app.main", "app.ui"} == set(_contract(STREAMLIT)["source_modules"])


def test_packages_are_packages() -> None:
    """A folder of modules without __init__.py would be invisible to the contracts."""
    for top in ("app", "ingest"):
        for module in (ROOT / top).rglob("*.py"):
            assert (module.parent / "__init__.py").exists(), module.parent.relative_to(ROOT)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "ingest" / "schema").rglob("*.py")), ids=lambda path: path.stem
)
def test_the_schema_imports_polars_only(path: Path) -> None:
    for name in _imported(path):
        top = name.split(".")[0]
        assert top in sys.stdlib_module_names | {"polars"} or name.startswith("ingest.schema")


def test_ci_is_a_script_that_bash_understands() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", script], check=True)
