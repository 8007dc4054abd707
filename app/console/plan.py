"""A query plan as text: an operator a line, its inputs below it, most telling facts beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MAX_WIDTH = 110
MAX_NODES = 2_000
HIDDEN = {"Filename(s)", "Estimated Cardinality", "Function", "Text"}
"""Paths, and what is said otherwise."""
WRAPPERS = {"RESULT_COLLECTOR", "EXPLAIN_ANALYZE"}


def text(plan: list[dict[str, Any]]) -> str:
    """The plan that ``EXPLAIN (FORMAT json)`` or ``EXPLAIN (ANALYZE, FORMAT json)`` gives."""
    lines: list[str] = []
    for root in plan:
        for node in _unwrapped(root):
            lines += _lines(node, "", "")
    return "\n".join(lines[:MAX_NODES])


def _unwrapped(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The operators of the query itself."""
    inner = node.get("operator") or (node.get("children", []) if _name(node) in WRAPPERS else None)
    if inner is None:
        yield node
        return
    for child in inner:
        yield from _unwrapped(child)


def _lines(node: dict[str, Any], head: str, below: str) -> Iterator[str]:
    children = node.get("children", [])
    yield head + _title(node)
    for fact in _facts(node):
        yield below + ("│    " if children else "     ") + fact
    for n, child in enumerate(children):
        last = n == len(children) - 1
        yield from _lines(
            child, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  ")
        )


def _name(node: dict[str, Any]) -> str:
    return str(node.get("name") or node.get("type") or "")


def _title(node: dict[str, Any]) -> str:
    told = [_name(node)]
    if "intermediate_rows" in node:
        told.append(f"{node['intermediate_rows']:,} rows")
        told.append(f"{float(node.get('timing', 0)) * 1000:.1f} ms")
    elif guess := node.get("extra_info", {}).get("Estimated Cardinality"):
        told.append(f"~{int(guess):,} rows" if str(guess).isdigit() else f"~{guess} rows")
    return "  ".join(told)


def _facts(node: dict[str, Any]) -> Iterator[str]:
    for key, value in node.get("extra_info", {}).items():
        if key in HIDDEN or not value:
            continue
        shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        line = f"{key}: {' '.join(shown.split())}"
        yield line if len(line) <= MAX_WIDTH else line[: MAX_WIDTH - 1] + "…"
