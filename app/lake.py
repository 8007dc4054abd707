"""The lake as a DuckDB connection that can read this databank and nothing else.

Views over the current snapshot live in an in-memory database whose connection is then confined to
the databank's ``open`` folder (and ``phi``, where identifiers are shown) with its settings locked.
So masking is what the connection can read, not what a query leaves out.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import warnings
import weakref
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]

from app.errors import QueryFailed, StatementRefused
from app.statement import check_statement, place, sentence
from ingest.lake import snapshot as snapshots
from ingest.lake import views
from ingest.lake.errors import LakeError
from ingest.lake.scans import Scans
from ingest.lake.selects import along, select
from ingest.lake.snapshot import Snapshot
from ingest.lake.sql import identifier
from ingest.lake.tables import Tables, tables_of

__all__ = ["Lake", "QueryFailed", "StatementRefused", "check_statement", "open_lake"]

Parameters = Sequence[object] | dict[str, object] | None

# Types that Polars has no column for, or would show as bytes: they become text.
NOT_IN_POLARS = ("INTERVAL", "UNION(", "VARIANT", "BIT", "TIME WITH TIME ZONE", "MAP(", "GEOMETRY")

NO_ROWS = "The statement gives no rows."

# That rows are copied once more is worth it: they are those of a page, and not planned twice.
warnings.filterwarnings("ignore", "Arrow output on a DB-API result", UserWarning)

MEMORY = "50%"
"""Of the machine's (or container's), for one databank: beyond it queries spill to the disk."""
WHOLE = "everything"
"""The schema with the views as they are, where those of ``main`` are narrowed."""


@dataclass(frozen=True)
class Lake:
    """A databank at one snapshot, opened for reading; close it or use it in a ``with``.

    May be shared by threads: every query has a cursor of its own.
    """

    root: Path
    snapshot: Snapshot
    identifiers: bool
    connection: duckdb.DuckDBPyConnection

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor for one thread (a connection in two threads fails as busy)."""
        return self.connection.cursor()

    def query(
        self,
        sql: str,
        params: Parameters = None,
        *,
        limit: int | None = None,
        seconds: float | None = None,
    ) -> pl.DataFrame:
        """The rows of a query, at most ``limit``; QueryFailed after ``seconds``, or on an error.

        ``sql`` is trusted to be a single statement: what a person typed goes through
        ``check_statement`` first.
        """
        if limit is None and seconds is None:
            answer = self._answer(sql, params)
            if answer is not None:
                return answer
        with self._relation(sql, params, seconds) as relation:
            shown = _presentable(relation)
            return _frame((shown if limit is None else shown.limit(limit)).to_arrow_table())

    def batches(
        self, sql: str, params: Parameters = None, *, rows: int = 50_000
    ) -> Generator[pl.DataFrame, None, None]:
        """The rows of a query in frames of about ``rows``: the first always, also without rows."""
        with self._relation(sql, params, None) as relation:
            reader = _presentable(relation).to_arrow_reader(rows)
            yield _frame(reader.schema.empty_table())
            for batch in reader:
                yield _frame(batch)

    def _answer(self, sql: str, params: Parameters) -> pl.DataFrame | None:
        """The rows of a query, None for those that have to be made presentable first.

        A relation is planned once for its columns and once for its rows. Most questions take longer
        to plan than to answer, so this is a quarter of their time (measured).
        """
        with self.cursor() as cursor, _as_query_failed(None):
            described = cursor.execute(sql, params).description
            if not described:
                raise QueryFailed(NO_ROWS)
            names, types = [column[0] for column in described], [column[1] for column in described]
            return _frame(cursor.to_arrow_table()) if _is_presentable(names, types) else None

    @contextmanager
    def _relation(
        self, sql: str, params: Parameters, seconds: float | None
    ) -> Iterator[duckdb.DuckDBPyRelation]:
        with (
            self.cursor() as cursor,
            _interrupted_after(cursor, seconds),
            _as_query_failed(seconds),
        ):
            relation = cursor.sql(sql, params=params)
            if relation is None:
                raise QueryFailed(NO_ROWS)
            yield relation

    def narrow(
        self, table: str, columns: Collection[str] | None, *, every_row: bool = False
    ) -> str:
        """The SELECT behind a view with only these of its columns, in small letters; None: all.

        What identifies is not joined where none of it is among them; ``every_row`` says that it is
        asked of all rows.
        """
        whole = self._tables[table]
        wanted = [c for c in whole.columns if columns is None or c.name.casefold() in columns]
        scans = self._shown if any(column.phi for column in wanted) else self._open
        return (along if every_row else select)(scans, replace(whole, columns=tuple(wanted)))

    @cached_property
    def _tables(self) -> Tables:
        return tables_of(self.root)

    @cached_property
    def _open(self) -> Scans:
        return Scans.of(self.root, self.snapshot, False)

    @cached_property
    def _shown(self) -> Scans:
        return Scans.of(self.root, self.snapshot, self.identifiers)

    def close(self) -> None:
        """Frees the connection; queries after this fail."""
        self.connection.close()

    def __enter__(self) -> Lake:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_lake(
    root: Path | str,
    identifiers: bool = False,
    *,
    narrowed: Mapping[str, str] | None = None,
    memory: str = MEMORY,
) -> Lake:
    """The databank in ``root`` as it is now; with ``identifiers`` also what its phi folder holds.

    ``narrowed`` replaces views by SELECTs over those of the schema WHOLE; ``memory`` is DuckDB's
    limit. Raises the errors of ``ingest.lake``: no databank there, damaged, too new.
    """
    folder = Path(root).resolve()
    snapshot = snapshots.read(folder)
    spill = tempfile.mkdtemp(prefix="taglake-")  # only its owner can read it
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",  # else FROM name finds Python variables
            "temp_directory": spill,
            "memory_limit": memory,
        }
    )
    try:
        _define(connection, folder, snapshot, identifiers, narrowed or {})
        views.confine(connection, folder, identifiers)
    except BaseException as error:
        connection.close()
        shutil.rmtree(spill, ignore_errors=True)
        if not isinstance(error, LakeError) or snapshots.read(folder) == snapshot:
            raise
        # what the snapshot named is gone since there is a newer one
        return open_lake(folder, identifiers, narrowed=narrowed, memory=memory)
    lake = Lake(folder, snapshot, identifiers, connection)
    weakref.finalize(lake, shutil.rmtree, spill, ignore_errors=True)
    return lake


def _define(
    connection: duckdb.DuckDBPyConnection,
    root: Path,
    snapshot: Snapshot,
    identifiers: bool,
    narrowed: Mapping[str, str],
) -> None:
    if not narrowed:
        views.register(connection, root, snapshot, identifiers)
        return
    views.register(connection, root, snapshot, identifiers, schema=WHOLE)
    names = list(views.definitions(root, snapshot, identifiers))
    # Those that narrow others come first, in the order given: a view is checked when it is made.
    for table in [*narrowed, *(name for name in names if name not in narrowed)]:
        select = narrowed.get(table, f"SELECT * FROM {WHOLE}.{identifier(table)}")
        connection.execute(f"CREATE VIEW {identifier(table)} AS {select}")


def _presentable(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """The same rows as Polars can have them: unlike names, types that it knows or else text."""
    if _is_presentable(relation.columns, relation.types):
        return relation
    typed = zip(_unlike(relation.columns), relation.types, strict=True)
    columns = [
        f"{f'CAST(#{n} AS VARCHAR)' if _is_odd(dtype) else f'#{n}'} AS {identifier(name)}"
        for n, (name, dtype) in enumerate(typed, start=1)
    ]
    return relation.project(", ".join(columns))


def _is_presentable(names: list[str], types: Sequence[object]) -> bool:
    return names == _unlike(names) and not any(map(_is_odd, types))


def _is_odd(dtype: object) -> bool:
    return any(mark in str(dtype) for mark in NOT_IN_POLARS)


def _unlike(names: list[str]) -> list[str]:
    """The names, with a number after each that was there before: a, b, a -> a, b, a_1."""
    taken = set(names)
    made: list[str] = []
    for name in names:
        number, unlike = 0, name
        while unlike in made or (number and unlike in taken):
            number += 1
            unlike = f"{name}_{number}"
        made.append(unlike)
    return made


def _frame(table: Any) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


@contextmanager
def _as_query_failed(seconds: float | None) -> Iterator[None]:
    try:
        yield
    except duckdb.InterruptException:
        after = "" if seconds is None else f" after {seconds:g} seconds"
        raise QueryFailed(f"The query was stopped{after}.") from None
    except RuntimeError as error:
        if str(error) == "Query interrupted":  # what DuckDB makes of Ctrl-C
            raise KeyboardInterrupt from None
        raise
    except (duckdb.Error, pl.exceptions.PolarsError, pa.ArrowException, OSError) as error:
        # Arrow hands on what DuckDB says in the middle of a result as an OSError.
        raise QueryFailed(sentence(error), place(error)) from None


@contextmanager
def _interrupted_after(cursor: duckdb.DuckDBPyConnection, seconds: float | None) -> Iterator[None]:
    if seconds is None:
        yield
        return
    timer = threading.Timer(seconds, cursor.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
