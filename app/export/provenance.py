"""Where the rows of an export come from, so that whoever gets the file can judge and repeat it.

The time is that of the data, not of the export: an export of a snapshot is the same in any run.
Where identity is removed, what was typed to choose the rows is not told, as it may name somebody;
nor is the databank, which is called what its owner likes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version

from app import queries, questions
from app.export.selection import STORED, Selection, is_question
from app.filters import said
from app.i18n import DEFAULT, texts
from app.lake import Lake
from ingest import __version__
from ingest.lake.tables import tables_of
from ingest.schema.deidentification import Action

IDENTITY = {"masked": "hidden", "shown": "shown", "removed": "removed (PS3.15 Annex E)"}
WITHHELD = "not told, as it may identify"


def as_of(opened: Lake) -> datetime | None:
    """When the last ingest of the snapshot ended; None without any."""
    runs = opened.query("SELECT started, seconds FROM runs ORDER BY started, seconds")
    ends = [
        started + timedelta(seconds=int(seconds or 0))
        for started, seconds in runs.iter_rows()
        if started
    ]
    return max(ends).astimezone(UTC) if ends else None


def facts(
    selection: Selection, opened: Lake, columns: Sequence[str], actions: Mapping[str, Action]
) -> tuple[tuple[str, str], ...]:
    """Names and sentences, in the order in which a person asks."""
    open_ = not selection.deidentified
    condition, values = queries.condition(opened, selection.filters)
    told = {
        "Databank": opened.root.name if open_ else WITHHELD,
        **_data(opened),
        "Table": selection.table,
        "Rows are": _row(selection),
        "Filters": said.sentence(selection.filters, texts(DEFAULT)) if open_ else "",
        "Filters as SQL": with_values(condition, values) if open_ and selection.filters else "",
        "Of": ", ".join(f"{n} {v}" for n, v in selection.params) if open_ else "",
        "Condition": selection.where if open_ else "",
        "Choice of rows": WITHHELD if selection.deidentified and _is_choice(selection) else "",
        "Order": ", ".join(f"{n} descending" if d else n for n, d in selection.order),
        "Columns": f"{len(columns)}",
        "Identifiers": IDENTITY[selection.identity],
        "Dates": _dates(selection),
        "Columns removed": ", ".join(name for name, kind in actions.items() if kind == "remove"),
        "Columns changed": "; ".join(
            f"{name}: {CHANGED[kind]}" for name, kind in actions.items() if kind in CHANGED
        ),
        **_versions(),
    }
    return tuple((name, text) for name, text in told.items() if text)


def of_frame(
    opened: Lake, title: str, columns: int, statement: str = ""
) -> tuple[tuple[str, str], ...]:
    """The same of a table that was not selected but computed, perhaps by a typed ``statement``."""
    told = {
        "Databank": opened.root.name,
        **_data(opened),
        "Table": title,
        "Statement": statement,
        "Columns": f"{columns}",
        "Identifiers": IDENTITY["shown" if opened.identifiers else "masked"],
        **_versions(),
    }
    return tuple((name, text) for name, text in told.items() if text)


def _data(opened: Lake) -> dict[str, str]:
    when = as_of(opened)
    return {
        "Snapshot": f"{opened.snapshot.version}",
        "Data as of": when.strftime("%Y-%m-%d %H:%M:%S UTC") if when else "",
    }


def _versions() -> dict[str, str]:
    numbers = {"DuckDB": version("duckdb"), "Polars": version("polars")}
    return {"Made by": f"Taglake {__version__}, " + ", ".join(map(" ".join, numbers.items()))}


CHANGED: Mapping[Action, str] = {
    "replace": "replaced by a dummy", "hash": "keyed hash", "uid": "other UID, by keyed hash",
    "shift": "moved by days",
}  # fmt: skip


def with_values(sql: str, values: Mapping[str, object]) -> str:
    """SQL with its parameters written out, to be read and to be run."""
    for name in sorted(values, key=len, reverse=True):
        sql = sql.replace(f"${name}", literal(values[name]))
    return sql


def literal(value: object) -> str:
    """A value of a parameter in SQL."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, date):
        return f"DATE '{value}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return "NULL" if value is None else str(value)


def _row(selection: Selection) -> str:
    if is_question(selection.table):
        return questions.description(selection.table).split(". ")[0].rstrip(".")
    name = selection.table.removeprefix(STORED)
    return f"one for every {tables_of(selection.databank.root)[name].row}"


def _is_choice(selection: Selection) -> bool:
    return bool(selection.filters or selection.where or selection.params)


def _dates(selection: Selection) -> str:
    if not selection.deidentified:
        return ""
    if selection.shift_dates:
        return "moved back by a number of days of each patient, so that intervals are kept"
    return "removed"
