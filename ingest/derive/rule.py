"""What a rule is: a record that says what it looks at, how grave it is, and why it is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ingest.schema import Level

Severity = Literal["error", "warning", "info"]
Stage = Literal["instances", "duplicates", "series", "lake", "classes"]
PROBLEMS = "problems"


@dataclass(frozen=True)
class Rule:
    """One rule.

    ``sql`` names its file in ``sql/findings``. ``stage`` says when that runs: on the instances of
    the series that are made again (``instances``; ``duplicates`` only in a lake that has some), on
    the rows of those series (``series``), or on the whole lake (``lake``; ``classes`` once
    mr_cleaned is there), whose findings are made anew each time.  ``applies`` says what the rule
    looks at and what it leaves out.
    """

    id: str
    severity: Severity
    level: Level
    title: str
    message: str
    reference: str
    applies: str
    sql: str = PROBLEMS
    stage: Stage = "instances"
    counts: Literal["instances", "files", "studies"] = "instances"
