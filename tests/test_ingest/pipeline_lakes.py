"""Lakes for the tests of ingest.pipeline: sources, runs in this process, comparisons."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from app.demo import write_cohort, write_instances
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
    "radiopharmaceuticals", "problems", "files",
)  # fmt: skip
OF_PLACES = frozenset({"uri", "container", "mtime", "size"})
"""Columns of files that say where a file was: another place, another value."""
SECRET = bytes(range(32))
"""Of all databanks here: which patient a study of two patients counts for depends on it."""
COUNTS = ("seen", "ok", "duplicate", "not_dicom", "error", "unchanged")


def read(sources: Path | str | Iterable[Path | str], root: Path, **options: Any) -> Summary:
    """Ingest in this process, unless ``workers`` asks for processes."""
    given = [sources] if isinstance(sources, (Path, str)) else sources
    if "workers" not in options:
        options = {"workers": 1, "executor": Inline(), **options}
    if not databank.exists(root):
        databank.create(root)
        (root / layout.PHI / layout.SECRET).write_bytes(SECRET)
    return ingest([str(source) for source in given], root, **options)


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
    assert value(root, "SELECT count(*) FROM instances") == value(
        root, "SELECT coalesce(sum(n_instances), 0) FROM series"
    )


def assert_same(one: Path, other: Path, *, leaving_out: Iterable[str] = ()) -> None:
    """All tables are equal in their stable columns, as multisets of rows.

    Surrogate keys stand for their instances: rows that have one are compared with its
    SOPInstanceUID. ``leaving_out`` are further columns that may differ.
    """
    left_out = frozenset(leaving_out)
    with duckdb.connect() as connection:
        for name, root in (("one", one), ("other", other)):
            views.register(connection, root, snapshot.read(root), identifiers=True, schema=name)
        for table in COMPARED:
            first, second = (_stable_rows(table, place, left_out) for place in ("one", "other"))
            columns = [name for name, *_ in connection.execute(f"DESCRIBE {first}").fetchall()]
            if n := _differing(connection, first, second, columns):
                where = [c for c in columns if _differing(connection, first, second, [c])]
                raise AssertionError(f"{n} rows of {table} differ, in {where}")
        instances = connection.execute("SELECT count(*) FROM one.instances").fetchone()
        assert instances != (0,)


def _differing(
    connection: duckdb.DuckDBPyConnection, first: str, second: str, columns: list[str]
) -> int:
    """How many rows of either are not in the other, by hashes of their columns."""
    row = ", ".join(map(identifier, columns))
    ((n,),) = connection.execute(
        "SELECT coalesce(sum(abs(surplus)), 0) FROM (SELECT h, sum(sign) AS surplus FROM ("
        f"SELECT hash({row}) AS h, 1 AS sign FROM ({first}) UNION ALL "
        f"SELECT hash({row}), -1 FROM ({second})) GROUP BY h)"
    ).fetchall()
    return int(n)


def _stable_rows(table: str, place: str, left_out: frozenset[str]) -> str:
    declared = TABLES[table]
    columns = [c.name for c in declared.columns if c.stable and c.name not in left_out]
    names = ", ".join(f"t.{identifier(name)}" for name in columns)
    ids = {c.name for c in declared.columns} & {"instance_id", "header_id"}
    if "SOPInstanceUID" in columns or not ids:
        return f"SELECT {names} FROM {place}.{table} AS t"
    if table == "problems":  # of an instance, or of all instances of a header
        same = (
            "i.instance_id = t.instance_id OR (t.instance_id IS NULL AND i.header_id = t.header_id)"
        )
        return (
            f"SELECT i.SOPInstanceUID, {names} FROM {place}.problems AS t "
            f"JOIN {place}.instances AS i ON {same}"
        )
    key = "instance_id" if "instance_id" in ids else "header_id"
    return (
        f"SELECT i.SOPInstanceUID, {names} FROM {place}.{table} AS t "
        f"JOIN {place}.instances AS i USING ({key})"
    )


def small_cohort(folder: Path, most: int = 3) -> Path:
    """The demo cohort with ``most`` files of each folder: every kind of series, quick to read."""
    write_cohort(folder)
    for place in sorted(path for path in (folder / "patients").rglob("*") if path.is_dir()):
        files = sorted(path for path in place.iterdir() if path.is_file())
        for path in files[most:]:
            path.unlink()
    return folder


def series(folder: Path, n_series: int = 2, n_instances: int = 3, **options: Any) -> Path:
    """A few series of one kind, a folder each."""
    write_instances(folder, options.pop("kind", "siemens"), n_series, n_instances, **options)
    return folder


def copied(root: Path, to: Path) -> Path:
    """A copy of a databank, its secret included."""
    return Path(shutil.copytree(root, to))
