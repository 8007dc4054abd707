"""Which SQL a person may run: one statement that only reads, told by its syntax tree.

The type of a statement is not enough: to DuckDB ``WITH x AS (COPY ... TO 'file') FROM x`` is a
SELECT and ``EXPLAIN ANALYZE COPY`` an EXPLAIN, and both write. So the tree is searched, and what
may stand in it is listed, not what may not: kinds of queries, and functions in FROM.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import duckdb

from app.errors import StatementRefused
from ingest.lake.session import without_tables

MAX_LENGTH = 20_000
MAX_NESTING = 100  # DuckDB 2.0 overflows the stack on some 100,000 nested subqueries

QUERY_NODES = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
TABLE_FUNCTIONS = {
    "duckdb_columns", "duckdb_functions", "duckdb_keywords", "duckdb_tables", "duckdb_types",
    "duckdb_views", "generate_series", "generate_subscripts", "json_each", "json_tree",
    "pragma_table_info", "range", "regexp_split_to_table", "repeat", "unnest",
}  # fmt: skip
REFUSED_FUNCTIONS = {
    "getenv",  # reads the environment of the process
    "write_log",  # writes
    "sleep_ms", "pg_sleep",  # hold a thread
    "json_execute_serialized_sql", "json_serialize_plan",  # carry a statement inside a text
}  # fmt: skip

# No comment is skipped before or after EXPLAIN: whether comments nest decides where they end.
EXPLAIN = re.compile(
    r"[ \t\r\n]*explain[ \t\r\n]+(?:analyze[ \t\r\n]+|\([a-z_, \t\r\n]*\)[ \t\r\n]*)?",
    re.IGNORECASE,
)


def check_statement(text: str) -> str:
    """The one statement of ``text``, without a semicolon at its end.

    SELECT, WITH, FROM, VALUES, TABLE, DESCRIBE, SUMMARIZE, SHOW and EXPLAIN of one of these pass.
    Raises StatementRefused for everything else, also where it is only a part: writing, files,
    settings, functions that do more than calculate.
    """
    _check_size(text)
    statement = _single(text)
    inner = statement
    if _kind(statement) == "EXPLAIN":
        inner = _single(_explained(statement.query))
    kind = _kind(inner)
    if kind == "MULTI":
        raise StatementRefused("PIVOT needs its values named: PIVOT ... ON column IN (a, b).")
    if kind != "SELECT":
        raise StatementRefused(
            f"{kind} is not allowed: one SELECT, DESCRIBE, SUMMARIZE, SHOW or EXPLAIN is."
        )
    _check_select(inner.query)
    return str(statement.query).strip().rstrip(";").rstrip()


def plan_of(checked: str, *, analyze: bool = False) -> str:
    """The statement that gives the plan of a checked one, as JSON; an EXPLAIN's own stays its."""
    match = EXPLAIN.match(checked)
    inner = checked[match.end() :] if match else checked
    run = analyze or (match is not None and "analyze" in match[0].lower())
    return f"EXPLAIN ({'ANALYZE, ' if run else ''}FORMAT json) {inner}"


def sentence(error: BaseException) -> str:
    """DuckDB's message on one line, without its drawing of where in the text it was."""
    message = str(error).split("\nLINE ")[0].split("\nPossible solutions:")[0]
    return " ".join(message.split()) or type(error).__name__


def place(error: BaseException) -> str:
    """DuckDB's drawing of where in the text something is wrong: the line, and marks below it."""
    _, _, drawing = str(error).partition("\nLINE ")
    lines = f"LINE {drawing}".split("\n")[:2] if drawing else []
    return "\n".join(lines) if len(lines) == 2 and set(lines[1]) <= {" ", "^"} else ""


def _check_size(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise StatementRefused(f"The statement is longer than {MAX_LENGTH:,} characters.")
    if re.search(r"[\0\ud800-\udfff]", text):
        raise StatementRefused("The statement has characters in it that are none.")
    depth = deepest = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    if deepest > MAX_NESTING:
        raise StatementRefused(f"The statement is nested more than {MAX_NESTING} deep.")


def _single(text: str) -> duckdb.Statement:
    try:
        statements = duckdb.extract_statements(text)
    except duckdb.Error as error:
        raise StatementRefused(sentence(error), place(error)) from None
    if len(statements) != 1:
        raise StatementRefused(f"One statement at a time: these are {len(statements)}.")
    return statements[0]


def _kind(statement: duckdb.Statement) -> str:
    try:
        return str(statement.type.name)
    except ValueError:  # DuckDB knows kinds that its Python names do not have: UPDATE EXTENSIONS
        return "This"


def _explained(text: str) -> str:
    match = EXPLAIN.match(text)
    if match is None:
        raise StatementRefused("EXPLAIN has to stand first, without comments.")
    return text[match.end() :]


def _check_select(text: str) -> None:
    for node in _walk(_tree(text)):
        kind = str(node.get("type", ""))
        if kind.endswith("_NODE") and kind not in QUERY_NODES:
            raise StatementRefused(f"{kind.split('_')[0]} is not allowed: statements only read.")
        function = str(node.get("function_name", "")).lower()
        if function in REFUSED_FUNCTIONS:
            raise StatementRefused(f"The function {function} is not allowed.")
        if kind == "TABLE_FUNCTION":
            _check_table_function(node)


def _check_table_function(node: dict[str, Any]) -> None:
    call = node.get("function") or {}
    name = str(call.get("function_name", "")).lower()
    if name not in TABLE_FUNCTIONS:
        raise StatementRefused(
            f"The function {name or '(unnamed)'} is not allowed in FROM: "
            "the tables of the databank are there without it."
        )


def _tree(text: str) -> dict[str, Any]:
    """DuckDB's own syntax tree of a SELECT-like statement."""
    with without_tables() as connection:
        try:
            row = connection.execute("SELECT json_serialize_sql(?)", [text]).fetchone()
            tree: dict[str, Any] = json.loads(row[0]) if row else {"error": True}
        except duckdb.Error as error:
            raise StatementRefused(sentence(error), place(error)) from None
        except RecursionError:
            raise StatementRefused("The statement is nested too deep.") from None
    if tree.get("error"):
        raise StatementRefused(tree.get("error_message") or "The statement was not understood.")
    if len(tree["statements"]) != 1:
        raise StatementRefused("One statement at a time.")
    return tree


def _walk(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value; without recursion, as its depth is the writer's choice."""
    stack = [tree]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            yield value
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
