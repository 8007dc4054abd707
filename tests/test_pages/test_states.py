"""Every page in every state of a databank and in every language: no exception, a way on.

Pages are those of the folder, so a new one is tested as soon as it is there; what a page shows in
particular is for its own tests.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from app.filters import NONE, Filters
from app.i18n import LANGUAGES, Texts
from app.i18n import texts as language_texts
from app.queries import Databank
from app.report import report
from ingest.lake import snapshot
from tests import quality_cohort
from tests.test_pages.browser import PAGES, go, metrics, texts, view, visit

STUDY = "1.2.826.0.1.0.1"  # the CT study of the full databank
UIDS = {"study": STUDY, "series": f"{STUDY}.0"}
DETAILS = {"study", "series"}
"""Pages about one study or series, which are there or not."""
ALWAYS = {"ingest"}
"""Pages that are of use without a databank, or with one that can't be read."""
PLACEHOLDER = re.compile(r"\{[a-z_]+\}")

languages = pytest.mark.parametrize("language", LANGUAGES)


def every_page(language: str, check: Callable[[AppTest, str, Texts], None], **address: str) -> None:
    """Visit all pages in one session; what holds for all of them, and then ``check`` each."""
    app = visit(language=language, **address)
    t = language_texts(language)
    for page in PAGES:
        go(app, page, **address)
        assert not len(app.exception), page
        said = texts(app)
        assert app.title or app.subheader, f"{page} says what it is"
        assert t("empty.broken") not in said, page
        assert not PLACEHOLDER.search(said), page
        check(app, page, t)
        assert view(app).texts.language == language
        if "databank" in address:
            assert app.sidebar.selectbox(key="databank").value == address["databank"]


def size_on_disk(databank: Path) -> int:
    """Summed size of the files that became instances, straight from the Parquet files."""
    files = pl.read_parquet(databank / "open/batches/*/files-*.parquet")
    ok = (
        files.filter(pl.col("status") == "ok")
        .sort("file_id")
        .unique("SOPInstanceUID", keep="first")
    )
    return int(ok["size"].sum())


def filters_apply(page: str) -> bool:
    """Whether the page is about what the filters leave."""
    source = (Path(__file__).resolve().parents[2] / "pages" / f"{page}.py").read_text("utf-8")
    return "frame.begin(" in source


@languages
def test_full(home: Path, language: str) -> None:
    size = language_texts(language).size(size_on_disk(home / "databanks" / "full"))

    def check(app: AppTest, page: str, t: Texts) -> None:
        said = texts(app)
        assert all(
            t(f"empty.{key}") not in said for key in ("empty", "only_errors", "nothing_left")
        )
        if filters_apply(page):
            assert t("sentence.everything") in said
        if page == "studies":
            assert metrics(app) == {
                t("card.patients"): "3", t("card.studies"): "6", t("card.series"): "24",
                t("card.instances"): "120", t("card.bytes"): size,
            }  # fmt: skip
            assert len(app.dataframe[0].value) == 6

    every_page(language, check, databank="full", **UIDS)


@languages
def test_empty(home: Path, language: str) -> None:
    def check(app: AppTest, page: str, t: Texts) -> None:
        if filters_apply(page):
            assert t("empty.empty") in texts(app)
            assert not app.dataframe
            assert app.page_link[0].label == t("empty.own_button")
        elif page in DETAILS:
            assert t(f"{page}.gone") in texts(app)
            assert app.page_link

    every_page(language, check, databank="empty", **UIDS)


@languages
def test_errors_only(home: Path, language: str) -> None:
    def check(app: AppTest, page: str, t: Texts) -> None:
        if filters_apply(page):
            files = t.count("files", 5)
            told = t("empty.only_errors_text", files=files, not_dicom="2", error="3")
            assert told in texts(app)
            assert app.page_link[0].label == t("empty.see_runs")
        elif page == "runs":
            reasons = next(f.value for f in app.dataframe if "reason" in f.value.columns)
            assert {"no DICOM", "the header ends too early"} <= set(reasons["reason"])

    every_page(language, check, databank="errors", **UIDS)


@languages
def test_filtered_to_nothing(home: Path, language: str) -> None:
    def check(app: AppTest, page: str, t: Texts) -> None:
        if filters_apply(page):
            assert t("empty.nothing_left") in texts(app)
            assert t("empty.nothing_left_text", series=t.count("series", 24)) in texts(app)
            assert not app.dataframe
            assert {"chip_dates_", "clear_here"} <= {button.key for button in app.button}
        elif page in DETAILS:
            assert app.dataframe, "pages about one study or series show all of it"
            assert t("filters.set_aside") in texts(app)

    every_page(language, check, databank="full", since="1950-01-01", until="1950-12-31", **UIDS)


@languages
def test_no_databank(new_home: Path, language: str) -> None:
    def check(app: AppTest, page: str, t: Texts) -> None:
        if page in ALWAYS:
            assert t("ingest.start") in texts(app)
        else:
            assert t("empty.no_databank") in texts(app)
            assert app.button(key="make_demo").label == t("empty.demo_button")
            assert t("empty.own_button") in texts(app)

    every_page(language, check)


@languages
def test_identifiers_are_marked_on_every_page(home: Path, language: str) -> None:
    app = visit(language=language, databank="full")
    app.toggle(key="identifiers").set_value(True).run()
    for page in PAGES:
        go(app, page, databank="full", **UIDS)
        assert not len(app.exception), page
        assert language_texts(language)("app.identifiers_on") in texts(app), page


def test_without_a_study_or_series_in_the_address(home: Path) -> None:
    t = language_texts("en")
    app = visit(databank="full")
    for page in DETAILS:
        go(app, page)
        assert not len(app.exception)
        assert t(f"{page}.none") in texts(app)


def test_a_damaged_databank_is_a_sentence(new_home: Path) -> None:
    root = new_home / "databanks" / "broken"
    (root / "open").mkdir(parents=True)
    (root / "lake.json").write_text("not a snapshot")
    app = visit(databank="broken")
    for page in PAGES:
        go(app, page, **UIDS)
        assert not len(app.exception), page
        if page not in ALWAYS:
            assert language_texts("en")("error.SnapshotDamaged") in texts(app), page


@pytest.mark.parametrize("name", ["derived/*/series.parquet", "batches/*/files-*.parquet"])
def test_a_torn_parquet_file_is_a_sentence(name: str, small: Path, new_home: Path) -> None:
    root = new_home / "databanks" / "torn"
    shutil.copytree(small, root)
    (file,) = root.glob(f"open/{name}")
    file.write_bytes(b"PAR1 no longer")
    app = visit("studies", databank="torn")
    assert not len(app.exception)
    said = texts(app)
    assert language_texts("en")("empty.broken") in said
    assert "taglake check" in said
    for page in PAGES:
        go(app, page, **UIDS)
        assert not len(app.exception), page


def test_identifiers_that_may_not_be_read_are_a_sentence(small: Path, new_home: Path) -> None:
    root = new_home / "databanks" / "closed"
    shutil.copytree(small, root)
    shutil.rmtree(root / "phi")
    app = visit("studies", databank="closed")
    assert metrics(app)["Studies"] == "2"
    app.toggle(key="identifiers").set_value(True).run()
    assert language_texts("en")("error.PhiNotReadable") in texts(app)
    for page in PAGES:
        go(app, page, databank="closed", **UIDS)
        assert not len(app.exception), page
    app.toggle(key="identifiers").set_value(False).run()
    go(app, "studies", databank="closed")
    assert metrics(app)["Studies"] == "2"


def test_a_databank_that_takes_the_name_of_another_has_its_own_answers(
    small: Path, lakes: Path, new_home: Path
) -> None:
    """Two databanks of one batch have equal snapshots; answers must not be those of the first."""
    places = new_home / "databanks"
    for name, made in (("a", small), ("b", lakes / "databanks" / "full")):
        shutil.copytree(made, places / name)
    assert snapshot.read(places / "a") == snapshot.read(places / "b")
    assert metrics(visit("studies", databank="a"))["Studies"] == "2"
    (places / "a").rename(places / "c")
    (places / "b").rename(places / "a")
    assert metrics(visit("studies", databank="a"))["Studies"] == "6"


@pytest.mark.parametrize("day", ["00010101", "99991231"])
def test_every_date_is_a_placeholder(day: str, new_home: Path) -> None:
    """The first and the last day that Python knows: nothing is before or behind them."""
    root = quality_cohort.make(new_home, day)

    def check(app: AppTest, page: str, t: Texts) -> None:
        if page in ("qa", "scanners"):
            assert app.get("plotly_chart"), page

    every_page("en", check, databank="cohort")
    for chosen in (NONE, Filters.of({"modality": ["PT"]})):
        made = report(Databank(root), chosen).decode()
        assert language_texts("en")("nuclear.title") in made
