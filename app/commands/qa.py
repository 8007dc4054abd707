"""`taglake qa`: the measures of the quality page for scripts, and an exit code for pipelines.

Numbers come from the same functions as the page's, so they are the same.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.options import Databank, Filter, Search, chosen
from app.terminal import counted, notice, sentences
from ingest.exits import Exit
from ingest.visible import visible

if TYPE_CHECKING:
    from app.filters import Filters

COLUMNS = ("card", "section", "measure", "n", "of", "among", "share", "explanation")
DIGITS = 6
WIDTH = 160
"""Of the tables, in letters: a narrower terminal breaks lines, and no number is cut."""


class Format(StrEnum):
    """How the numbers are written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Severity(StrEnum):
    """How grave a finding is, the gravest first."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


def command(
    databank: Databank = "",
    format: Annotated[Format, typer.Option("--format", "-f", help="How they are written.")] = (
        Format.TABLE
    ),
    fail_on: Annotated[
        Severity | None,
        typer.Option("--fail-on", help="Exit with 1 if a finding is so grave or graver."),
    ] = None,
    filter: Filter = None,
    search: Search = "",
) -> None:
    """Quality of the metadata: the numbers and findings of its page.

    CSV has a row for each measure; JSON has thresholds, statistics and findings as well. Exit code
    1 says that there are findings of the severity that --fail-on names, or graver ones.
    """
    with sentences():
        from app.export import options

        root = chosen(databank)
        told = report(root, options.filters(filter or (), search))
    _write(told, format)
    grave = tuple(Severity)
    graver = grave[: grave.index(fail_on) + 1] if fail_on else ()
    found = sum(row["n_findings"] for row in told["findings"] if row["severity"] in graver)
    if found:
        notice(f"{counted(found, 'finding')} of severity {' or '.join(graver)}.")
        raise typer.Exit(Exit.NOTHING)


def report(root: Path, filters: Filters) -> dict[str, Any]:
    """All that the command tells, as JSON has it."""
    from app import quality
    from app.filters import said
    from app.i18n import DEFAULT, texts
    from app.quality import measured, thresholds
    from app.queries import Databank as Asked

    asked, t = Asked(root), texts(DEFAULT)
    limits = thresholds.of(root)
    found = measured.counted(asked, filters)
    measures = [
        {
            "card": one.measure.card, "section": quality.section_of(one.measure.card),
            "measure": one.measure.id, "n": one.n, "of": one.total,
            "among": t(f"among.{one.measure.whole}"), "share": _rounded(one.share),
            "explanation": t(f"measure_help.{one.measure.id}"),
        }
        for one in found.values()
    ]  # fmt: skip
    statistics = [
        {"number": number, "unit": UNITS[number], "ideal": _band(limits, number),
         **{name: _rounded(value) for name, value in spread._asdict().items()}}
        for number, spread in measured.spreads(asked, filters).items()
    ]  # fmt: skip
    return {
        "databank": root.name,
        "filters": said.sentence(filters, t),
        "thresholds": limits,
        "shifted_dates": measured.is_shifted(found, limits),
        "measures": measures,
        "statistics": statistics,
        "findings": measured.rules(asked, filters).to_dicts(),
    }


UNITS = {"uptake": "min", "dose": "MBq/kg"}


def _band(limits: dict[str, float], number: str) -> list[float]:
    return [limits[f"{number}_ideal_from"], limits[f"{number}_ideal_to"]]


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, DIGITS)


def _write(told: dict[str, Any], format: Format) -> None:
    if format is Format.JSON:
        print(json.dumps(told, indent=1, ensure_ascii=False))
    elif format is Format.CSV:
        writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(told["measures"])
    else:
        _tables(told)


def _tables(told: dict[str, Any]) -> None:
    measures = (
        (str(m["card"]), m["measure"], f"{m['n']:,}", f"{m['of']:,}", _percent(m["share"]),
         m["among"])
        for m in told["measures"]
    )  # fmt: skip
    _table(("card", "measure", "n", "of", "share", "counted of"), measures)
    numbers = (
        (s["number"], s["unit"], f"{s['n']:,}",
         *(_said(s[name]) for name in ("mean", "median", "sd", "smallest", "largest")),
         " to ".join(f"{end:g}" for end in s["ideal"]))
        for s in told["statistics"]
    )  # fmt: skip
    head = ("number", "unit", "n", "mean", "median", "SD", "smallest", "largest", "ideal")
    _table(head, numbers)
    findings = (
        (f["severity"], f["rule"], f"{f['n_findings']:,}", f"{f['n_studies']:,}",
         f"{f['n_affected']:,}")
        for f in told["findings"]
    )  # fmt: skip
    _table(("severity", "rule", "findings", "studies", "affected"), findings)
    if told["shifted_dates"]:
        print("Dates look inconsistently shifted: do not rely on uptake times.")


def _table(titles: Iterable[str], rows: Iterable[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in titles:
        numeric = title in ("card", "n", "of", "share", "findings", "studies", "affected")
        table.add_column(title, justify="right" if numeric else "left", no_wrap=True)
    for row in rows:
        table.add_row(*map(visible, row))
    console = Console(markup=False, highlight=False, soft_wrap=True, width=WIDTH)
    console.print(table)
    console.print()


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _said(number: float | None) -> str:
    return "–" if number is None else f"{number:.4g}"
