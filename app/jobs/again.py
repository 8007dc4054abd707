"""What is to be read once more: the sources of a run, or the files that could not be read.

Both are paths, which a session without identifiers may not see; so the process of the job asks the
lake for them itself, and the app says only which run is meant.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from app.lake import open_lake
from ingest.sources import restored

MOST = 10_000
"""Files that are tried again one by one; with more their sources are read again instead."""

UNREAD = """SELECT DISTINCT coalesce(container, uri) AS path
FROM files
WHERE status = 'error' AND ($run = '' OR run_id = $run)
ORDER BY path LIMIT $most"""


def sources_of(root: Path, run: str) -> list[str]:
    """The sources of a run; none if there is no such run. Raises a LakeError or QueryFailed."""
    return _paths(root, "SELECT unnest(sources) AS path FROM runs WHERE run_id = $run", run=run)


def unread(root: Path, run: str = "") -> list[str]:
    """Files that could not be read, by a run or by any; of archives the archive, once.

    Raises a LakeError or QueryFailed.
    """
    return _paths(root, UNREAD, run=run, most=MOST)


def _paths(root: Path, sql: str, **params: object) -> list[str]:
    with open_lake(root, identifiers=True) as lake:
        found: pl.Series = lake.query(sql, params)["path"]
    return [restored(path) for path in found.drop_nulls().to_list()]
