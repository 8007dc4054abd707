"""Lakes for the tests of ingest.pipeline: sources, runs in this process, comparisons."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from app.demo import write_instances
from ingest.lake import databank, layout, snapshot, views
from ingest.lake.check import check
from ingest.lake.sql import identifier
from ingest.lake.tables import tables_of
from ingest.pipeline import ingest
from ingest.records import Summary
from ingest.schema import TABLES
from tests.in_process import Inline

COMPARED = (
    "instances", "elements", "frames", "series", "studies", "patients", "findings",
    "radiopharmaceuticals", "problems", "files", "mr_cleaned", "protocols", "private_profiles",
    "private_blocks",
)  # fmt: skip
OF_PLACES = frozenset({"uri", "container", "mtime", "size"})
"""Columns of files that say where a file was: another place, another value."""
KEYS = frozenset({"instance_id", "header_id"})
"""Surrogate keys: other numbers in every databank."""
SECRET = bytes(range(32))
"""Of all databanks here: which patient a study of two patients counts for depends on it."""
COUNTS = ("seen", "ok", "duplicate", "not_dicom", "error", "unchanged")


def read(sources: Path | str | Iterable[Path | str], root: Path, **options: Any) -> Summary:
    """Ingest in this process, unless ``workers`` asks for processes."""
    given = [sources] if isinstance(sources, (Path, str)) else sources
    if "workers" not in options:
        options = {"workers": 1, "executor": Inline(), **options}
    if not databank.exists(root):
        created(root)
    return ingest([str(source) for source in given], root, **options)


def created(root: Path) -> Path:
    """An empty databank with the secret of all here."""
    databank.create(root)
    (root / layout.PHI / layout.SECRET).write_bytes(SECRET)
    return root


def counts(summary: Summary) -> dict[str, int]:
    """The outcomes that are not 0, without their sum, which is checked."""
    found = {name: getattr(summary, name) for name in COUNTS}
    assert found.pop("seen") == sum(found.values())
    return {name: n for name, n in found.items() if n}


def rows(root: Path, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    """What a query gives, identifiers included."""
    named = {name: table for name, table in tables_of(root).items() if name in sql}
    with duckdb.connect() as connection:
        views.register(connection, root, snapshot.read(root), identifiers=True, tables=named)
        return connection.execute(sql, list(parameters)).fetchall()


def value(root: Path, sql: str, *parameters: object) -> Any:
    """The one value that a query gives."""
    ((found,),) = rows(root, sql, *parameters)
    return found


def assert_sound(root: Path) -> None:
    """The check finds nothing worse than folders kept for readers, and the sums are right."""
    assert [t for t in check(root) if t.severity != "info"] == []
    of_series = "SELECT coalesce(sum(n_instances), 0) FROM series"
    ((instances, sum_of_series),) = rows(root, f"SELECT count(*), ({of_series}) FROM instances")
    assert instances == sum_of_series


def assert_same(one: Path, other: Path, *, leaving_out: Iterable[str] = ()) -> None:
    """All tables are equal in their stable columns, as multisets of rows.

    Surrogate keys stand for their instances: rows that have one are compared with its
    SOPInstanceUID. ``leaving_out`` are further columns that may differ.
    """
    left_out = frozenset(leaving_out)
    first, second = (_contents(root, snapshot.read(root), left_out) for root in (one, other))
    assert first["instances"].rows > 0
    for table in COMPARED:
        if first[table] != second[table]:
            where = _differing(table, _stable_columns(table, left_out), one, other)
            raise AssertionError(f"{table}: {first[table]} and {second[table]}, in {where}")


class Multiset(NamedTuple):
    """Equal for equal multisets of rows, whatever their order."""

    rows: int
    sum_of_hashes: int


@cache
def _contents(
    root: Path, state: snapshot.Snapshot, left_out: frozenset[str]
) -> dict[str, Multiset]:
    """What a state of a lake holds, which never changes: many lakes are compared with one."""
    with _opened(root, state) as connection:
        return {
            table: _multiset(connection, table, _stable_columns(table, left_out))
            for table in COMPARED
        }


def _differing(table: str, columns: list[str], one: Path, other: Path) -> list[str]:
    """The columns in which a table differs."""
    found = []
    for root in (one, other):
        with _opened(root, snapshot.read(root)) as connection:
            found.append([_multiset(connection, table, [column]) for column in columns])
    return [c for c, first, second in zip(columns, *found, strict=True) if first != second]


@contextmanager
def _opened(root: Path, state: snapshot.Snapshot) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables that are compared, and by which instances their keys are ``named``."""
    tables = {name: TABLES[name] for name in COMPARED}
    with duckdb.connect() as connection:
        views.register(connection, root, state, identifiers=True, tables=tables)
        connection.execute(  # once, as the view has hundreds of columns
            "CREATE TABLE named AS SELECT instance_id, header_id, SOPInstanceUID FROM instances"
        )
        yield connection


def _multiset(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> Multiset:
    row = ", ".join(map(identifier, columns))
    sql = f"SELECT count(*), coalesce(sum(hash({row})), 0) FROM ({_stable_rows(table, columns)})"
    (found,) = connection.execute(sql).fetchall()
    return Multiset(*map(int, found))


def _stable_columns(table: str, left_out: frozenset[str]) -> list[str]:
    """What rows are compared by, the SOPInstanceUID that a surrogate key stands for included."""
    columns = TABLES[table].columns
    names = [c.name for c in columns if c.stable and c.name not in left_out]
    is_named = "SOPInstanceUID" in names or not KEYS & {c.name for c in columns}
    return names if is_named else ["SOPInstanceUID", *names]


def _stable_rows(table: str, columns: list[str]) -> str:
    declared = {c.name for c in TABLES[table].columns}
    if "SOPInstanceUID" in declared or not KEYS & declared:
        return f"SELECT {', '.join(map(identifier, columns))} FROM {table}"
    names = ", ".join(f"t.{identifier(name)}" for name in columns if name in declared)
    same = "n.instance_id = t.instance_id"
    if table == "problems":  # of an instance, or of all instances of a header
        same += " OR (t.instance_id IS NULL AND n.header_id = t.header_id)"
    elif "instance_id" not in declared:
        same = "n.header_id = t.header_id"
    named = "n.SOPInstanceUID"
    return f"SELECT {', '.join(filter(None, (named, names)))} FROM {table} t JOIN named n ON {same}"


def thinned(cohort: Path, to: Path, most: int = 3) -> Path:
    """The demo cohort with ``most`` files of each folder: every kind of series, quick to read."""

    def beyond(folder: str, names: list[str]) -> list[str]:
        files = sorted(name for name in names if Path(folder, name).is_file())
        return files[most:] if cohort / "patients" in Path(folder).parents else []

    return Path(shutil.copytree(cohort, to, ignore=beyond, dirs_exist_ok=True))


def series(folder: Path, n_series: int = 2, n_instances: int = 3, **options: Any) -> Path:
    """A few series of one kind, a folder each."""
    write_instances(folder, options.pop("kind", "siemens"), n_series, n_instances, **options)
    return folder


def copied(root: Path, to: Path) -> Path:
    """A copy of a databank, its secret included."""
    return Path(shutil.copytree(root, to))
