"""`taglake compact`: fewer, larger files."""

from __future__ import annotations

from app.commands.options import Databank, chosen
from app.terminal import notice, sentences


def command(databank: Databank = "") -> None:
    """Merge the small batches of a databank; readers are not disturbed."""
    with sentences():
        from ingest.lake import snapshot
        from ingest.lake.compact import compact

        root = chosen(databank)
        before = len(snapshot.read(root).batches)
        compact(root)
        after = len(snapshot.read(root).batches)
    if after == before:
        notice(f"Nothing to merge in {root}: {before:,} batches.")
    else:
        notice(f"{root}: {before:,} batches became {after:,}.")
