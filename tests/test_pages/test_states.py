"""Every page in every state of a databank and in every language: no exception, a way on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from app.i18n import LANGUAGES, Texts
from app.i18n import texts as language_texts
from tests.conftest import fill
from tests.test_pages.browser import PAGES, go, metrics, texts, visit

STUDY = "1.2.826.0.1.0.1"  # the CT study of the full databank
UIDS = {"study": STUDY, "series": f"{STUDY}.0"}
SERIES_PAGES = ("studies", "study", "series")

languages = pytest.mark.parametrize("language", LANGUAGES)


def every_page(language: str, check: Callable[[AppTest, str, Texts], None], **address: str) -> None:
    """Visit all pages in one session and check each."""
    app = visit(language=language, **address)
    for page in PAGES:
        go(app, page, **address)
        assert not app.exception, page
        check(app, page, language_texts(language))


def size_on_disk(databank: Path) -> int:
    """Summed size of the files that became instances, straight from the Parquet files."""
    files = pl.read_parquet(databank / "open/batches/*/files-*.parquet")
    ok = (
        files.filter(pl.col("status") == "ok")
        .sort("file_id")
        .unique("SOPInstanceUID", keep="first")
    )
    return int(ok["size"].sum())


@languages
def test_full(home: Path, language: str) -> None:
    size = language_texts(language).size(size_on_disk(home / "databanks" / "full"))

    def check(app: AppTest, page: str, t: Texts) -> None:
        cards = metrics(app)
        if page == "studies":
            assert cards == {
                t("card.patients"): "3", t("card.studies"): "6", t("card.series"): "24",
                t("card.instances"): "120", t("card.bytes"): size,
            }  # fmt: skip
            assert t("sentence.everything") in texts(app)
            assert len(app.dataframe[0].value) == 6
        elif page == "study":
            assert app.title[0].value == "CHEST CT"
            assert (cards[t("card.series")], cards[t("card.instances")]) == ("4", "20")
            assert "Revolution CT" in texts(app)
        elif page == "series":
            assert app.title[0].value == "Localizer"
            assert cards[t("card.instances")] == "5"
            assert [len(table.value) for table in app.dataframe] == [10, 5, 3]
        elif page == "runs":
            counts = [
                cards[t(f"card.{k}")] for k in ("files", "ok", "duplicate", "not_dicom", "error")
            ]
            assert counts == ["126", "120", "1", "3", "2"]
        assert app.sidebar.selectbox(key="databank").value == "full"

    every_page(language, check, databank="full", **UIDS)


@languages
def test_empty(home: Path, language: str) -> None:
    def check(app: AppTest, page: str, t: Texts) -> None:
        said = {
            "studies": t("empty.empty"), "study": t("study.gone"), "series": t("series.gone"),
            "runs": t("runs.none"), "ingest": t("ingest.intro"),
        }  # fmt: skip
        assert said[page] in texts(app)
        assert not app.dataframe
        assert page == "ingest" or [link.label for link in app.page_link]

    every_page(language, check, databank="empty", **UIDS)


@languages
def test_errors_only(home: Path, language: str) -> None:
    def check(app: AppTest, page: str, t: Texts) -> None:
        if page == "studies":
            files = t.count("files", 5)
            told = t("empty.only_errors_text", files=files, not_dicom="2", error="3")
            assert told in texts(app)
        elif page == "runs":
            cards = metrics(app)
            assert (cards[t("card.files")], cards[t("card.ok")]) == ("5", "0")
            reasons = app.dataframe[0].value
            assert dict(zip(reasons["reason"], reasons["files"], strict=True)) == {
                "no DICOM": 2, "the header ends too early": 3,
            }  # fmt: skip

    every_page(language, check, databank="errors", **UIDS)


@languages
def test_filtered_to_nothing(home: Path, language: str) -> None:
    def check(app: AppTest, page: str, t: Texts) -> None:
        if page == "studies":
            assert t("empty.nothing_left") in texts(app)
            assert t("empty.nothing_left_text", series=t.count("series", 24)) in texts(app)
            assert not app.dataframe
        elif page in ("study", "series"):
            assert app.dataframe, "pages about one study or series show all of it"

    every_page(language, check, databank="full", since="1950-01-01", until="1950-12-31", **UIDS)


@languages
def test_no_databank(new_home: Path, language: str) -> None:
    def check(app: AppTest, page: str, t: Texts) -> None:
        if page == "ingest":
            assert t("ingest.start") in texts(app)
        else:
            assert t("empty.no_databank") in texts(app)
            assert app.button(key="make_demo").label == t("empty.demo_button")

    every_page(language, check)


def test_without_a_study_or_series_in_the_address(home: Path) -> None:
    t = language_texts("en")
    app = visit(databank="full")
    for page in ("study", "series"):
        go(app, page)
        assert not app.exception
        assert t(f"{page}.none") in texts(app)


def test_a_damaged_databank_is_a_sentence(new_home: Path) -> None:
    root = new_home / "databanks" / "broken"
    (root / "open").mkdir(parents=True)
    (root / "lake.json").write_text("not a snapshot")
    app = visit(databank="broken")
    for page in PAGES:
        go(app, page, **UIDS)
        assert not app.exception, page
        if page != "ingest":
            assert language_texts("en")("error.SnapshotDamaged") in texts(app)


def test_a_torn_parquet_file_is_a_sentence(new_home: Path) -> None:
    root = new_home / "databanks" / "torn"
    fill(root, studies=1, series_per_study=1, instances_per_series=2)
    for file in root.glob("open/derived/*/series.parquet"):
        file.write_bytes(b"PAR1 no longer")
    app = visit("studies", databank="torn")
    assert not app.exception
    assert language_texts("en")("empty.broken") in texts(app)
