"""The report: whole, well formed, the bytes of the command line, nothing that runs or fetches."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl
import pytest

from app import charts, queries
from app.filters import Filters
from app.i18n import LANGUAGES, texts
from app.queries import Databank
from app.report import html, report
from app.report.content import Chart, Section
from app.report.svg import NotDrawn, axis, boxes, lines, picture
from app.report.svg.words import plain, safe
from ingest.exits import Exit
from ingest.lake import layout, snapshot
from tests import quality_cohort
from tests.test_app.command_line import taglake

EVIL = "<script>alert(1)</script><img src=//x onerror=alert(2)>\"'&<b>"
EMPTY_TAGS = {"meta", "link", "img", "br", "hr", "input"}
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "section", "h1", "h2",
    "h3", "p", "small", "ul", "li", "span", "b", "div", "figure", "figcaption", "svg", "defs",
    "pattern", "path", "rect", "circle", "g", "text", "table", "thead", "tbody", "tr", "th", "td",
    "dl", "dt", "dd", "details", "summary",
}  # fmt: skip


class Parsed(HTMLParser):
    """Tags, attributes and text of a file; tags must be closed in order."""

    def __init__(self, content: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(content.decode())
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}
        if tag not in EMPTY_TAGS:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.text.append(data)

    @property
    def said(self) -> str:
        return " ".join(" ".join(self.text).split())


@pytest.fixture
def full(lakes: Path, monkeypatch: pytest.MonkeyPatch) -> Databank:
    monkeypatch.setenv("TAGLAKE_HOME", str(lakes))
    return Databank(lakes / "databanks" / "full")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_is_whole_and_holds_nothing_that_runs(full: Databank, language: str) -> None:
    content, t = report(full, language=language), texts(language)
    found = Parsed(content)
    assert found.tags <= ALLOWED
    assert ("lang", language) in found.attributes
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    assert ("content", policy) in found.attributes
    names = {name for name, _ in found.attributes}
    assert not names & {"src", "href", "srcset", "action", "onclick", "onload", "xlink:href"}
    assert not re.search(rb"url\((?!#)|@import|https?:", content)
    for title in ("overview.title", "qa.title", "findings.title", "report.provenance"):
        assert t(title) in found.said
    assert t("report.masked") in found.said


def test_numbers_are_those_of_the_databank(full: Databank) -> None:
    said = Parsed(report(full)).said
    totals = queries.ask(full, "totals").row(0, named=True)
    assert (totals["studies"], totals["series"], totals["instances"]) == (6, 24, 120)
    assert "6 studies of 6, 24 series of 24, 120 instances of 120" in said
    assert "Snapshot 2" in said or "Snapshot 1" in said
    assert "Data as of 2024-01-01" in said


def test_every_picture_is_well_formed(full: Databank) -> None:
    drawn = re.findall(r"<svg viewBox.*?</svg>", report(full).decode(), re.DOTALL)
    assert len(drawn) > 15
    for one in drawn:
        root = ElementTree.fromstring(one)
        assert root.get("aria-label")
        assert len(list(root)) >= 3
        for element in root.iter():
            for name in ("x", "y", "width", "height", "cx", "cy", "r"):
                if value := element.get(name):
                    assert -1 <= float(value) < 3000, (name, value)


def test_the_command_makes_the_same_bytes(full: Databank, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    ended = taglake("report", "-d", "full", "-o", file)
    assert ended.code == 0, ended.err
    assert "without identifiers" in ended.err
    assert file.read_bytes() == report(full)
    to_stdout = taglake(
        "report", "-d", "full", "--filter", "modality=CT", "--search", "head", "-l", "de"
    )
    wanted = Filters.of({"modality": ["CT"]}, text="head")
    assert to_stdout.out == report(full, wanted, "de")


def test_filters_and_conditions(full: Databank) -> None:
    ct = report(full, Filters.of({"modality": ["CT"]}))
    said = Parsed(ct).said
    assert "Only series with modality CT." in said
    assert "list_contains(['CT'], coalesce(Modality, '—'))" in said
    assert "2 studies of 6" in said
    narrowed = taglake("report", "-d", "full", "--where", "Modality = 'CT'")
    said = Parsed(narrowed.out).said
    assert "2 studies of 6" in said
    assert "Modality = 'CT'" in said.partition("Condition: ")[2]
    nothing = taglake("report", "-d", "full", "--where", "Modality = 'XX'")
    assert "0 studies of 6" in Parsed(nothing.out).said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--where", "PatientID = 'x'"], "identifies somebody"),
        (["--where", "1 = 1; DROP TABLE x"], "is not one SQL condition"),
        (["--section", "weather"], "There is no section weather. There are: overview, qa,"),
        (["--filter", "weather=fine"], "is no filter"),
    ],
)
def test_what_cannot_be_is_refused(full: Databank, arguments: list[str], sentence: str) -> None:
    ended = taglake("report", "-d", "full", *arguments)
    assert ended.code == Exit.USAGE
    assert sentence in " ".join(ended.err.split())
    assert ended.out == b""


def test_one_section(full: Databank) -> None:
    said = Parsed(taglake("report", "-d", "full", "--section", "findings").out).said
    assert texts("en")("findings.by_rule") in said
    assert texts("en")("overview.growth") not in said


@pytest.mark.parametrize("name", ["empty", "errors"])
def test_databanks_without_series(full: Databank, lakes: Path, name: str) -> None:
    said = Parsed(report(Databank(lakes / "databanks" / name))).said
    assert "0 series of 0" in said


def identifying(root: Path) -> set[str]:
    """Every text of the phi side of the derived tables, and the paths of files."""
    state = snapshot.read(root)
    found: set[str] = set()
    folders = [layout.derived(root, "phi") / str(state.derived)]
    folders += [layout.batches(root, "phi") / batch for batch in state.batches]
    for path in (path for folder in folders for path in folder.glob("*.parquet")):
        frame = pl.read_parquet(path)
        for column in frame.select(pl.col(pl.String)).columns:
            if not column.endswith("UID"):
                found |= set(frame[column].drop_nulls())
    return {text for text in found if len(text) > 5}


def test_no_identifier_is_in_a_masked_report(full: Databank) -> None:
    content = unescape(report(full).decode())
    hidden = identifying(full.root)
    assert any("P0000" in text for text in hidden)
    assert [text for text in hidden if text in content] == []
    assert str(full.root) not in content


def test_shown_identifiers_are_announced(full: Databank) -> None:
    shown = full._replace(identifiers=True)
    said = Parsed(report(shown)).said
    assert texts("en")("app.identifiers_on") in said
    ended = taglake("report", "-d", "full", "--identifiers")
    assert ended.out == report(shown)


def test_hostile_texts_stay_texts(full: Databank, monkeypatch: pytest.MonkeyPatch) -> None:
    """Values as they may stand in files, in every text column of every answer."""
    real = queries.ask

    def evil(*args: Any, **kwargs: Any) -> pl.DataFrame:
        answer = real(*args, **kwargs)
        kept = {
            "facet", "severity", "rule", "level", "kind", "first_run", "run_id", "number",
            "modality", "reference",
        }  # fmt: skip
        names = [n for n, d in answer.schema.items() if d == pl.String and n not in kept]
        changed = answer.with_columns(pl.col(n) + pl.lit(EVIL) for n in names)
        if "modality" in answer.columns:
            changed = changed.with_columns(pl.col("modality") + pl.lit("<i>\x00"))
        return changed

    monkeypatch.setattr("app.report.content.ask", evil)
    found = Parsed(report(full))
    assert found.tags <= ALLOWED
    assert not {name for name, _ in found.attributes if name.startswith("on") or name == "src"}
    assert "<script>alert(1)</script>" in found.said


# --- pictures ---


def rectangles(drawn: str) -> list[dict[str, float]]:
    root = ElementTree.fromstring(drawn)
    return [
        {name: float(rect.get(name) or 0) for name in ("x", "y", "width", "height")}
        for rect in root.iter("rect")
        if not (rect.get("fill") or "").startswith("url")
    ]


def bars(**layout: Any) -> str:
    data = [{"type": "bar", "x": [0, 1, 2], "y": [1, 2, 4], "marker": {"color": "#0b6e75"}}]
    return picture(charts.figure_of(data, **layout), "alt", {"#0b6e75": "var(--c0)"})


def test_bars_are_as_high_as_their_numbers() -> None:
    one, two, three = rectangles(bars())
    assert two["height"] == pytest.approx(2 * one["height"], abs=0.05)
    assert three["height"] == pytest.approx(4 * one["height"], abs=0.05)
    foot = {round(rect["y"] + rect["height"], 1) for rect in (one, two, three)}
    assert len(foot) == 1
    assert "fill:var(--c0)" in bars()


def test_stacked_bars_stand_on_each_other() -> None:
    data = [
        {"type": "bar", "name": name, "orientation": "h", "y": ["a", "b"], "x": lengths}
        for name, lengths in (("one", [1, 2]), ("two", [3, 1]))
    ]
    drawn = picture(charts.figure_of(data, **charts.STACKED, showlegend=False), "alt", {})
    a1, b1, a2, b2 = rectangles(drawn)
    for first, second, ratio in ((a1, a2, 3), (b1, b2, 0.5)):
        assert second["x"] == pytest.approx(first["x"] + first["width"], abs=0.05)
        assert second["width"] == pytest.approx(ratio * first["width"], rel=0.01)
        assert first["y"] == second["y"]


def test_a_line_passes_its_points() -> None:
    days = ["2024-01-01", "2024-01-11", None, "2024-02-20"]
    data = [{"type": "scatter", "mode": "lines", "x": days, "y": [0, 10, 5, 20]}]
    drawn = picture(charts.figure_of(data), "alt", {})
    paths = [
        p for p in re.findall(r'<path d="(M[^"]+)" fill="none"', drawn) if "L" in p or "M" in p
    ]
    first, second = paths  # interrupted where a value is missing
    x0, y0, x1, y1 = map(float, re.findall(r"-?[\d.]+", first))
    x2, y2 = map(float, re.findall(r"-?[\d.]+", second))
    assert (x2 - x0) == pytest.approx(5 * (x1 - x0), rel=0.01)  # 50 days and 10
    assert (y0 - y2) == pytest.approx(2 * (y0 - y1), rel=0.01)


def test_five_numbers_of_a_box() -> None:
    assert boxes.five([1, 2, 3, 4, 100]) == (1, 2, 3, 4, 4)  # 100 is beyond 4 + 1.5 * 2
    assert boxes.five([7]) == (7, 7, 7, 7, 7)


def test_what_is_not_drawn_is_told_as_a_table() -> None:
    data = [{"type": "bar", "name": "n<i>", "x": ["a", EVIL], "y": [1, 2.5], "yaxis": "y2"}]
    figure = go.Figure({"data": data})
    with pytest.raises(NotDrawn):
        picture(figure, "alt", {})
    told = Section("t", [Chart("Title", figure, "note")])
    found = Parsed(html.section(texts("en"), told).encode())
    assert "svg" not in found.tags
    assert "script" not in found.tags
    assert "n a 1" in found.said
    assert found.said.endswith("2.5 note")


@pytest.mark.parametrize(
    ("told", "values", "kind"),
    [
        ({}, [1, 2.5], "linear"), ({}, ["2024-01-02"], "date"), ({}, ["a", "1"], "category"),
        ({"type": "log"}, [1, 10], "log"), ({}, [], "linear"), ({}, ["1", "2"], "category"),
    ],
)  # fmt: skip
def test_kinds_of_axes(told: Mapping[str, Any], values: list[Any], kind: str) -> None:
    assert axis.kind_of(dict(told), values) == kind


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 5, ["0", "1", "2", "3", "4", "5"]), (0, 1, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0, 3000, ["0", "500", "1 000", "1 500", "2 000", "2 500", "3 000"]),
    ],
)  # fmt: skip
def test_ticks(low: float, high: float, ticks: list[str]) -> None:
    made = axis.made({}, [low, high])
    axis.fit(made, {"range": [low, high]}, [low, high], from_zero=False, padded=False)
    assert [text.replace("\u202f", " ") for _, text in made.ticks] == ticks


def test_text_of_plotly_becomes_text() -> None:
    assert plain("&lt;b&gt; <b>n</b><br>x") == "<b> n x"
    assert safe("<b>\x00&\"'") == "&lt;b&gt;\N{REPLACEMENT CHARACTER}&amp;&quot;&#x27;"


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Databank:
    return Databank(quality_cohort.make(tmp_path_factory.mktemp("quality")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_nuclear_medicine_and_scanners_as_worked_out_by_hand(
    cohort: Databank, language: str
) -> None:
    t = texts(language)
    said = Parsed(report(cohort, language=language, sections=("nuclear", "scanners"))).said
    # Six studies with FDG: four uptakes, all ideal, of 45 and 60 min; three of four doses ideal.
    for text in ("4 / 6 (67 %)", "4 / 4 (100 %)", "3 / 4 (75 %)", "60.0 min", "3.00 MBq/kg"):
        assert text.replace(".", t.number(1.5, 1)[1]) in said, text
    for key in ("nuclear.course_uptake", "nuclear.scatter", "nuclear.is_any", "scanners.timeline"):
        assert t(key) in said, key
    assert t("qa.title") not in said


def test_tables_of_scanners_and_protocols_are_in_the_quality_section(cohort: Databank) -> None:
    content = report(cohort, sections=("qa",)).decode()
    heads = [unescape(one) for one in re.findall(r"<thead>(.*?)</thead>", content)]
    t = texts("en")
    scanners, protocols = (
        [head for head in heads if t(f"column.{name}") in head]
        for name in ("first_seen", "majority_percent")
    )
    n = len(scanners), len(protocols)
    rows = queries.count(cohort, "qa_scanners"), queries.count(cohort, "qa_protocols")
    assert n == tuple(map(bool, rows))


def test_nothing_is_said_of_what_there_is_not(cohort: Databank) -> None:
    only = Filters.of({"modality": ["MR"]})
    said = Parsed(report(cohort, only, sections=("nuclear", "dose", "overview"))).said
    for key in ("nuclear.title", "dose.title"):
        assert texts("en")(key) not in said
    assert texts("en")("overview.title") in said


def test_whiskers_go_from_end_to_end() -> None:
    trace = {
        "x": [1, 2, 3], "y": [10.0, 20.0, None],
        "error_y": {"array": [2.0, 0.0, 1.0], "arrayminus": [4.0, 0.0, 1.0]},
    }  # fmt: skip
    assert lines.whiskers(trace) == [(1, 6.0, 12.0)]
    figure = go.Figure({"type": "scatter", "mode": "markers", **trace})
    (path,) = re.findall(r'<path d="(M[^"]*V[^"]*)"', picture(figure, "x", {}))
    assert path.count("M") == 3, "the bar and its two ends"
