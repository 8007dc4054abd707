"""What must hold in a lake, as data: a sentence for when it does not, and SQL that counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ingest.lake import layout
from ingest.lake.check.trouble import Severity
from ingest.lake.sql import identifier
from ingest.lake.tables import Tables
from ingest.schema import Table
from ingest.schema.identifiers import IDENTIFYING


class Question(NamedTuple):
    """``sql`` gives one number; more than 0 is a trouble, told by ``message`` with {n}."""

    where: str
    message: str
    sql: str
    severity: Severity = "error"


REFERENCES = (
    # table, column, table it refers to, column there
    ("open_instances", "header_id", "open_headers", "header_id"),
    ("open_instances", "instance_id", "open_files", "file_id"),
    ("open_frames", "instance_id", "open_instances", "instance_id"),
    ("open_radiopharmaceuticals", "header_id", "open_headers", "header_id"),
    ("open_problems", "header_id", "open_headers", "header_id"),
    ("open_problems", "instance_id", "open_instances", "instance_id"),
    ("open_header_elements", "header_id", "open_headers", "header_id"),
    ("open_header_elements", "key_id", "open_element_keys", "key_id"),
    ("open_instance_elements", "instance_id", "open_instances", "instance_id"),
    ("open_instance_elements", "key_id", "open_element_keys", "key_id"),
    ("phi_header_elements", "header_id", "open_headers", "header_id"),
    ("phi_header_elements", "key_id", "open_element_keys", "key_id"),
    ("phi_instance_elements", "instance_id", "open_instances", "instance_id"),
    ("phi_instance_elements", "key_id", "open_element_keys", "key_id"),
)
SURROGATES = (
    # tables whose rows carry their part in this column
    ("files", "file_id"), ("instances", "instance_id"), ("headers", "header_id"),
    ("element_keys", "key_id"),
)  # fmt: skip
LATEST_COUNTS = frozenset({"runs", "containers"})
"""Tables that may tell of the same key again; the view shows the last telling."""

STATUSES = (
    Question(
        "instances", "{n} instances belong to a file that is not ok.",
        "SELECT count(*) FROM open_instances JOIN open_files AS f ON f.file_id = instance_id "
        "WHERE f.status IS DISTINCT FROM 'ok'",
    ),
    Question(
        "files", "{n} files are ok and have no instance.",
        "SELECT count(*) FROM open_files AS f ANTI JOIN open_instances AS i "
        "ON f.file_id = i.instance_id WHERE f.status = 'ok'",
    ),
    Question(
        "files", "{n} files have a status that is none of ok, not_dicom and error.",
        "SELECT count(*) FROM open_files "
        "WHERE status IS NULL OR status NOT IN ('ok', 'not_dicom', 'error')",
    ),
    Question(
        "files", "{n} files name another SOPInstanceUID than their instance.",
        "SELECT count(*) FROM open_files AS f JOIN open_instances AS i "
        "ON f.file_id = i.instance_id WHERE f.SOPInstanceUID IS DISTINCT FROM i.SOPInstanceUID",
    ),
    Question(
        "runs", "{n} finished runs saw another number of files than they counted.",
        "SELECT count(*) FROM runs "
        "WHERE state = 'done' AND seen <> ok + duplicate + not_dicom + error + unchanged",
    ),
    Question(
        "runs", "{n} finished runs have more or fewer files than they read.",
        # Compaction leaves out files that were read again since, so then only more is wrong.
        "SELECT count(*) FROM (SELECT run_id, seen - unchanged AS told FROM runs "
        "WHERE state = 'done') LEFT JOIN (SELECT run_id, count(*) AS stored FROM open_files "
        "GROUP BY run_id) USING (run_id) WHERE CASE WHEN (SELECT merged FROM merged) "
        "THEN coalesce(stored, 0) > told ELSE coalesce(stored, 0) <> told END",
    ),
)  # fmt: skip

SUMS = (
    Question(
        "series", "The series have {n} instances more or fewer than there are.",
        "SELECT abs((SELECT coalesce(sum(n_instances), 0) FROM series) "
        "- (SELECT count(*) FROM instances))",
    ),
    Question(
        "studies", "The studies have {n} instances more or fewer than there are.",
        "SELECT abs((SELECT coalesce(sum(n_instances), 0) FROM studies) "
        "- (SELECT count(*) FROM instances))",
    ),
    Question(
        "studies", "The studies have {n} series more or fewer than there are.",
        "SELECT abs((SELECT coalesce(sum(n_series), 0) FROM studies) "
        "- (SELECT count(*) FROM series))",
    ),
    Question(
        "patients", "The patients have {n} instances more or fewer than there are.",
        "SELECT abs((SELECT coalesce(sum(n_instances), 0) FROM patients) "
        "- (SELECT count(*) FROM instances))",
    ),
    Question(
        "patients", "The patients have {n} studies more or fewer than there are.",
        "SELECT abs((SELECT coalesce(sum(n_studies), 0) FROM patients) "
        "- (SELECT count(*) FROM studies))",
    ),
    Question(
        "files", "There are {n} files with status ok more or fewer than instances.",
        "SELECT abs((SELECT count(*) FROM files WHERE status = 'ok') "
        "- (SELECT count(*) FROM instances))",
    ),
    Question(
        "instances", "{n} SOP instances are there several times.",
        "SELECT count(SOPInstanceUID) - count(DISTINCT SOPInstanceUID) FROM instances",
    ),
    Question(
        "files", "{n} files are there several times.",
        "SELECT count(uri) - count(DISTINCT uri) FROM files",
    ),
    Question(
        "dropped", "{n} dropped files are said to be replaced by one that is not there.",
        "SELECT count(*) FROM dropped AS d ANTI JOIN open_files AS f ON f.file_id = d.kept_file_id "
        "WHERE d.file_id IN (SELECT file_id FROM open_files)",
    ),
    Question(
        "series", "{n} series name a private_profile that private_profiles do not have.",
        "SELECT count(private_profile) FROM series ANTI JOIN private_profiles "
        "USING (private_profile)",
    ),
    Question(
        "private_profiles", "{n} rows name a private_block that private_blocks do not have.",
        "SELECT count(*) FROM private_profiles ANTI JOIN private_blocks USING (private_block)",
    ),
)  # fmt: skip


def questions(tables: Tables, *, derived: bool) -> Iterator[Question]:
    """All questions for a lake; those about derived tables only where there are some."""
    for column, name in ((key, name) for name, key in SURROGATES):
        yield _part_known(name, column)
    for table in tables.values():
        if table.stored == "batch" or (table.stored == "derived" and derived):
            yield from _key_unique(table)
            yield from _sides_match(table)
    for reference in REFERENCES:
        yield _reference(*reference)
    yield from STATUSES
    for name in sorted(layout.ROW_SPLIT):
        yield _identifying_in_open(name)
    if derived:
        yield from SUMS


def _part_known(table: str, column: str) -> Question:
    return Question(
        table,
        "{n} rows carry the number of a part that no batch has.",
        f"SELECT count(*) FROM open_{table} AS t ANTI JOIN parts AS p ON p.part = t.{column} >> 32",
    )


def _key_unique(table: Table) -> Iterator[Question]:
    if not table.key or table.name in LATEST_COUNTS:
        return
    keys = ", ".join(map(identifier, table.key))
    rows = f"SELECT {keys} FROM open_{table.name}"
    if table.name in layout.ROW_SPLIT:
        rows += f" UNION ALL SELECT {keys} FROM phi_{table.name}"
    # GROUP BY takes NULLs as equal, as keys of derived tables need.
    yield Question(
        table.name,
        "{n} keys are there several times.",
        f"SELECT count(*) FROM (SELECT 1 FROM ({rows}) GROUP BY {keys} HAVING count(*) > 1)",
    )


def _sides_match(table: Table) -> Iterator[Question]:
    """Rows of a table that is split by column must be on both sides, once each."""
    split = table.name not in layout.ROW_SPLIT | layout.PHI_ONLY
    if not (split and layout.stored_columns(table, layout.PHI)):
        return
    keys = ", ".join(map(identifier, table.key))
    for one, other in (("open", "phi"), ("phi", "open")):
        yield Question(
            table.name,
            f"{{n}} rows are under {one} and not under {other}.",
            f"SELECT count(*) FROM (SELECT {keys} FROM {one}_{table.name} EXCEPT ALL "
            f"SELECT {keys} FROM {other}_{table.name})",
        )
    if table.stored == "derived":  # readers join them by place
        unlike = " OR ".join(
            f"o.{identifier(key)} IS DISTINCT FROM p.{identifier(key)}" for key in table.key
        )
        yield Question(
            table.name,
            "{n} rows are at another place under phi than under open.",
            f"SELECT count(*) FROM (SELECT {keys} FROM open_{table.name}) AS o POSITIONAL JOIN "
            f"(SELECT {keys} FROM phi_{table.name}) AS p WHERE {unlike}",
        )


def _reference(table: str, column: str, other: str, key: str) -> Question:
    name = table.split("_", 1)[1]
    return Question(
        name,
        f"{{n}} rows name a {column} that {other.split('_', 1)[1]} do not have.",
        f"SELECT count(*) FROM {table} AS t ANTI JOIN {other} AS o ON t.{column} = o.{key} "
        f"WHERE t.{column} IS NOT NULL",
    )


def _identifying_in_open(table: str) -> Question:
    tags = ", ".join(f"'{tag:08X}'" for tag in sorted(IDENTIFYING))
    return Question(
        table,
        "{n} rows under open are of elements that identify people.",
        f"SELECT count(*) FROM open_{table} WHERE key_id IN (SELECT key_id FROM open_element_keys "
        f"WHERE vr = 'PN' OR list_has_any(list_append(string_split_regex(path, '[.\\[]'), tag), "
        f"[{tags}]))",
    )
