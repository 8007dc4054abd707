"""A report as one HTML file: no script, nothing fetched, every text escaped.

The policy in its head forbids all but its own styles, so that even a mistake here could neither run
nor fetch anything. It is light or dark as its reader's system is, and light on paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.i18n import Texts
from app.report import look
from app.report.content import Block, Cards, Chart, Note, Rows, Section
from app.report.svg import NotDrawn, picture
from app.report.svg.axis import made
from app.report.svg.traces import listed
from app.report.svg.words import plain, safe

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = Path(__file__).with_name("style.css")
HATCHES = (
    '<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>'
    '<pattern id="slash" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)">'
    '<path d="M1 0V6" style="stroke:var(--ground)" stroke-width="1.4"/></pattern>'
    '<pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<circle cx="3" cy="3" r="1" style="fill:var(--ground)"/></pattern>'
    '<pattern id="lines" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<path d="M0 3H6" style="stroke:var(--ground)" stroke-width="1.4"/></pattern></defs></svg>'
)
SHORT = len("2024-01-31")
MOST_NUMBERS = 200
"""Rows of the numbers behind a chart."""


def page(
    t: Texts, title: str, sentence: str, identity: tuple[str, bool], sections: Sequence[Section],
    facts: Sequence[tuple[str, str]],
) -> str:  # fmt: skip
    """The whole file; ``identity`` says what became of identifiers, and whether they are shown."""
    warning, shown = identity
    return (
        f'<!DOCTYPE html>\n<html lang="{safe(t.language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{safe(title)}</title>\n<style>\n{style()}</style>\n</head>\n<body>\n{HATCHES}\n"
        f"<header><h1>{safe(title)}</h1><p>{safe(sentence)}</p>"
        f'<p class="mask{" shown" if shown else ""}">{safe(warning)}</p></header>\n<main>\n'
        + "\n".join(section(t, one) for one in sections)
        + f"\n<section><h2>{safe(t('report.provenance'))}</h2>\n{definitions(facts)}</section>\n"
        "</main>\n</body>\n</html>\n"
    )


def style() -> str:
    """The styles: both themes, and on paper the light one."""
    light, dark = look.variables("light"), look.variables("dark")
    return (
        f":root{{{light}}}\n@media screen and (prefers-color-scheme: dark){{:root{{{dark}}}}}\n"
        + STYLE.read_text("utf-8")
    )


def section(t: Texts, told: Section) -> str:
    """A section; charts that follow each other are side by side where there is room."""
    parts, charts = [f"<section><h2>{safe(told.title)}</h2>"], []
    for block in [*told.blocks, None]:
        if isinstance(block, Chart):
            charts.append(_chart(t, block))
            continue
        if charts:
            parts.append(f'<div class="charts">{"".join(charts)}</div>')
            charts = []
        if block is not None:
            parts.append(_block(t, block))
    return "\n".join([*parts, "</section>"])


def _block(t: Texts, block: Block) -> str:
    if isinstance(block, Cards):
        cards = [
            f"<li><span>{safe(card.label)}</span><b>{_value(card.value)}</b>"
            + (f"<small>{safe(card.help)}</small>" if card.help else "")
            + "</li>"
            for card in block.cards
        ]
        return f'<ul class="cards">{"".join(cards)}</ul>'
    if isinstance(block, Rows):
        return _table(t, block)
    assert isinstance(block, Note)
    title = f"<h3>{safe(block.title)}</h3>" if block.title else ""
    return f"{title}<p>{safe(block.text)}</p>"


def _value(text: str) -> str:
    """A number of a card; it is not parted from its percent sign."""
    return safe(text).replace(" %", "\u00a0%")


def _chart(t: Texts, chart: Chart) -> str:
    """A chart with its numbers below it, folded; those alone where it can't be drawn."""
    numbers = _numbers(chart)
    try:
        drawn = picture(chart.figure, chart.title, look.names(), wide=chart.wide)
        more = f"<details><summary>{safe(t('report.numbers'))}</summary>{_cells(numbers)}</details>"
    except NotDrawn:
        drawn, more = _cells(numbers), ""
    note = f'<p class="note"><small>{safe(chart.note)}</small></p>' if chart.note else ""
    wide = ' class="wide"' if chart.wide else ""
    return f"<figure{wide}><figcaption>{safe(chart.title)}</figcaption>{drawn}{note}{more}</figure>"


def _numbers(chart: Chart) -> Rows:
    """What a figure shows, as a table: the name of the trace, where, how much."""
    told = chart.figure.to_plotly_json()
    layout = told.get("layout") or {}
    cells: list[list[str]] = []
    for trace in told.get("data") or ():
        across, up = (listed(trace.get(name)) for name in "xy")
        words = listed(trace.get("text")) if isinstance(trace.get("text"), (list, tuple)) else []
        flat = trace.get("orientation") == "h"
        axis = made(dict(layout.get("yaxis" if flat else "xaxis") or {}), up if flat else across)
        for n, (x, y) in enumerate(zip(across, up, strict=False)):
            place, amount = (y, x) if flat else (x, y)
            said = words[n] if n < len(words) and axis.kind == "linear" else place
            cells.append([plain(trace.get("name") or ""), _text(said), _text(amount)])
    left_out = len(cells) - MOST_NUMBERS
    return Rows("", ("", "", ""), cells[:MOST_NUMBERS], max(left_out, 0), frozenset({2}))


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "" if value is None else plain(value)


def _table(t: Texts, rows: Rows) -> str:
    title = f"<h3>{safe(rows.title)}</h3>" if rows.title else ""
    more = t("report.more", rows=t.count("rows", rows.more)) if rows.more else ""
    note = f'<p class="note"><small>{safe(more)}</small></p>' if more else ""
    return f"{title}{_cells(rows)}{note}"


def _cells(rows: Rows) -> str:
    def row(cells: Sequence[str], kind: str) -> str:
        return "".join(
            f"<{kind}{_class(cell, n in rows.numbers)}>{safe(cell)}</{kind}>"
            for n, cell in enumerate(cells)
        )

    head = f"<thead><tr>{row(rows.columns, 'th')}</tr></thead>" if any(rows.columns) else ""
    body = "".join(f"<tr>{row(cells, 'td')}</tr>" for cells in rows.cells)
    return f'<div class="scroll"><table>{head}<tbody>{body}</tbody></table></div>'


def _class(cell: str, is_number: bool) -> str:
    """How a cell is set: numbers to the right; words as short as a date are not broken."""
    return ' class="n"' if is_number else ' class="k"' if len(cell) <= SHORT else ""


def definitions(facts: Sequence[tuple[str, str]]) -> str:
    """Names and what is said of them."""
    pairs = "".join(f"<dt>{safe(name)}</dt><dd>{safe(text)}</dd>" for name, text in facts)
    return f"<dl>{pairs}</dl>"
