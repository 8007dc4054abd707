"""The contract: every table and column of a lake, declared once, as data.

``TABLES`` holds all of them; nothing here does anything, and nothing but Polars types is imported.
"""

from __future__ import annotations

from ingest.schema.derived import (
    DROPPED,
    FINDINGS,
    FINDINGS_GONE,
    PATIENTS,
    PROTOCOLS,
    RUNS,
    SERIES,
    STUDIES,
)
from ingest.schema.instances import ATTRIBUTES, INSTANCES
from ingest.schema.mr_table import MR_TABLE
from ingest.schema.private import PRIVATE_BLOCKS, PRIVATE_PROFILES
from ingest.schema.reading import (
    CONTAINERS,
    ELEMENT_KEYS,
    ELEMENTS,
    FILES,
    FRAMES,
    HEADER_ELEMENTS,
    HEADERS,
    INSTANCE_ELEMENTS,
    PROBLEMS,
    RADIOPHARMACEUTICALS,
)
from ingest.schema.records import Aggregation, Column, Level, Table

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        FILES, INSTANCES, ELEMENTS, SERIES, STUDIES, PATIENTS, PROTOCOLS, MR_TABLE, FINDINGS, FINDINGS_GONE, FRAMES,
        RADIOPHARMACEUTICALS, RUNS, HEADERS, ELEMENT_KEYS, HEADER_ELEMENTS, INSTANCE_ELEMENTS,
        PROBLEMS, CONTAINERS, DROPPED, PRIVATE_PROFILES, PRIVATE_BLOCKS,
    )
}  # fmt: skip

__all__ = ["ATTRIBUTES", "TABLES", "Aggregation", "Column", "Level", "Table"]
