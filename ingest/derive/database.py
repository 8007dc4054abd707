"""The DuckDB connection that derives: bounded in memory, spilling to disk, fed by .sql files.

Texts of DuckDB's errors can hold paths and values, so they never leave this module; errors of the
SQL itself (a misspelt column) hold neither and are shown as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingest.lake.errors import DatabankNotWritable, LakeError
from ingest.lake.session import session

SQL = Path(__file__).with_name("sql")
DEFAULT_MEMORY = "1GB"
AT_ONCE = 2


class DerivationFailed(LakeError):
    """The derived tables could not be made; what was there before is as it was."""

    sentence = "The derived tables could not be made from the batches."


@contextmanager
def connection(spill: Path, memory_limit: str | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory database that uses up to ``memory_limit`` ('2GB') and then the folder ``spill``.

    Raises DerivationFailed or DatabankNotWritable in place of DuckDB's errors about data and files.
    """
    try:
        with session(memory_limit or DEFAULT_MEMORY) as database:
            database.execute("SET temp_directory = $1", [str(spill)])
            database.execute("SET preserve_insertion_order = false")  # order is asked for
            database.execute(text("macros"))
            yield database
    except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException):
        raise
    except duckdb.OutOfMemoryException as error:
        raise _refusal(str(error)) from None
    except duckdb.Error as error:
        raise _refusal(str(error), type(error).__name__) from None


def text(name: str, **lists: str) -> str:
    """The SQL of ``sql/<name>.sql``, each ``{placeholder}`` replaced by its select list."""
    sql = (SQL / f"{name}.sql").read_text(encoding="utf-8")
    for placeholder, generated in lists.items():
        sql = sql.replace(f"{{{placeholder}}}", generated)
    return sql


def set_variables(database: duckdb.DuckDBPyConnection, **values: object) -> None:
    """Hand values to the SQL, which reads them by ``getvariable('name')``."""
    for name, value in values.items():
        database.execute(f"SET VARIABLE {name} = ?", [value])


def leave_a_thread(database: duckdb.DuckDBPyConnection) -> None:
    """Have a query answered by so few threads that with the ones beside it there is one a core."""
    ((n,),) = database.execute("SELECT current_setting('threads')").fetchall()
    database.execute(f"SET threads = {max(n + 1 - AT_ONCE, 1)}")


def side_by_side(tasks: Sequence[Callable[[], None]]) -> None:
    """Do tasks at the same moment, AT_ONCE of them; each needs a cursor of its own.

    The first error ends what has not begun, and is raised once everything else has ended.
    """
    if len(tasks) == 1:
        tasks[0]()
        return
    with ThreadPoolExecutor(AT_ONCE) as threads:
        doing = [threads.submit(task) for task in tasks]
        try:
            for one in as_completed(doing):
                one.result()
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            raise


def _refusal(message: str, kind: str = "") -> LakeError:
    lowered = message.lower()
    if "no space left" in lowered or "disk full" in lowered:
        return DatabankNotWritable("The databank cannot be written: the disk is full.")
    if "permission denied" in lowered or "read-only file system" in lowered:
        return DatabankNotWritable("The databank cannot be written: permission denied.")
    if not kind:
        return DerivationFailed("The derived tables need more memory or disk than they may use.")
    return DerivationFailed(
        f"The derived tables could not be made from the batches ({kind}); `taglake check` says "
        "whether one is damaged."
    )
