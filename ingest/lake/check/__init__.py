"""The integrity check of a databank, end to end: files, columns, keys, sides and sums.

It reads everything that ``lake.json`` lists and nothing is taken for granted: what is missing, cut,
flipped or contradicts itself becomes a sentence, never a traceback.
"""

from __future__ import annotations

from pathlib import Path

from ingest.lake import databank, layout, leftovers, manifest, snapshot
from ingest.lake.check.contents import check_contents
from ingest.lake.check.files import check_batch_files, check_derived_files
from ingest.lake.check.trouble import Severity, Trouble
from ingest.lake.errors import (
    DatabankNotFound,
    LakeError,
    NotADatabank,
    PhiNotReadable,
    SecretMissing,
)
from ingest.lake.session import session
from ingest.lake.snapshot import Snapshot
from ingest.lake.tables import Tables, tables_of

__all__ = ["Severity", "Trouble", "check", "counts"]


def check(root: Path, *, deep: bool = False, tables: Tables | None = None) -> list[Trouble]:
    """What is wrong with a databank, worst first; [] for a sound one.

    Compares every file with the size, rows, columns and BLAKE2b that its manifest gives, then the
    tables with each other. ``deep`` also decodes every page of every file. ``where`` is a path
    inside the databank or the name of a table. Of a databank whose folder phi may not be read only
    the open one is compared. Raises nothing but DatabankNotFound and NotADatabank.
    """
    try:
        state = snapshot.read(root)
    except (DatabankNotFound, NotADatabank):
        raise
    except LakeError as error:
        return [Trouble("error", "lake.json", str(error))]
    try:
        tables = tables or tables_of(root)
    except LakeError as error:
        return [Trouble("error", "columns.toml", str(error))]
    is_closed = layout.phi_is_closed(root)
    sides = (layout.OPEN,) if is_closed else layout.SIDES
    with session() as connection:
        closed = Trouble("error", layout.PHI, PhiNotReadable.sentence)
        found = [closed] if is_closed else _secret(root)
        found += check_batch_files(connection, root, state, deep, tables, sides)
        found += check_derived_files(connection, root, state, tables, sides)
        if any(trouble.severity == "error" for trouble in found):
            found.append(
                Trouble("info", "tables", "Keys and sums were not compared, for what is damaged.")
            )
        else:
            found += check_contents(connection, root, state, tables)
    return sorted([*found, *_unlisted(root, state)], key=Trouble.rank)


def counts(root: Path) -> dict[str, int]:
    """Rows by table as the manifests of all listed batches give them; raises LakeError."""
    rows: dict[str, int] = {}
    for batch in snapshot.read(root).batches:
        for table, n in manifest.read(root, batch).rows().items():
            rows[table] = rows.get(table, 0) + n
    return rows


def _secret(root: Path) -> list[Trouble]:
    try:
        databank.secret_key(root)
    except SecretMissing as error:
        return [Trouble("error", "phi/secret.key", str(error))]
    return []


def _unlisted(root: Path, state: Snapshot) -> list[Trouble]:
    message = "Not part of the lake: left over, or kept for readers; the next ingest clears it."
    return [Trouble("info", where, message) for where in leftovers.unlisted(root, state)]
