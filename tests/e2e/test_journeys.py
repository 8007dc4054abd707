"""What people come for, from end to end, in a real browser."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import ROOT, Visit, ready
from tests.e2e.screen import (
    BOX,
    cards,
    cells,
    choose,
    click_title,
    open_row,
    overflow,
    said,
    table,
    turn_to,
    until,
)
from tests.test_pages import dicom_files

pytestmark = pytest.mark.slow

STUDY = "1.2.826.0.1.0.1"


def test_from_the_first_page_to_a_header(visit: Visit) -> None:
    page = visit("/studies?databank=full")
    until(page, lambda: cards(page).get("Studies"), "6")
    choose(page, "modality", "CT")
    until(page, lambda: said(page), "Only series with modality CT")
    assert cards(page)["Studies"] == "2"
    open_row(page, "table_studies", 1)
    expect(page.get_by_role("heading", name="CHEST CT")).to_be_visible()
    open_row(page, "table_study_series", 1)
    expect(page.get_by_role("heading", name="Thorax 1.0 Br40")).to_be_visible()
    address = parse_qs(urlparse(page.url).query)
    assert address == {
        "databank": ["full"], "modality": ["CT"], "study": [STUDY], "series": [f"{STUDY}.1"],
    }  # fmt: skip
    search = page.get_by_label("Search in the header")
    search.fill("instance uid")
    expect(page.get_by_text("3 elements")).to_be_visible()
    search.fill("SOPInstanceUID")
    expect(page.get_by_text("1 element ·")).to_be_visible()
    until(page, lambda: cells(page, "", 3), [f"{STUDY}.1.2"])  # of the middle instance

    page.reload()
    ready(page)
    expect(page.get_by_role("heading", name="Thorax 1.0 Br40")).to_be_visible()
    page.go_back()
    ready(page)
    expect(page.get_by_role("heading", name="CHEST CT")).to_be_visible()
    turn_to(page, "Explore", "Studies")
    ready(page)
    until(page, lambda: said(page), "Only series with modality CT")


PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
LOADED_AGAIN = {"overview", "qa"}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_visited_directly_and_again(visit: Visit, name: str) -> None:
    """On a phone, in German, which has the longest words: nothing is wider than the screen.

    The console stays empty, which ``visit`` sees to.
    """
    address = f"/{name}?databank=full&modality=CT&study={STUDY}&series={STUDY}.0&lang=Deutsch"
    page = visit(address, width=360, height=740)
    for load in range(2 if name in LOADED_AGAIN else 1):
        if load:
            page.reload()
            ready(page)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        here = urlparse(page.url)
        assert here.path == ("/" if name == "overview" else f"/{name}")
        asked = {"databank": ["full"], "modality": ["CT"], "lang": ["Deutsch"]}
        assert {key: parse_qs(here.query)[key] for key in asked} == asked
    assert overflow(page) <= 0
    page.set_viewport_size({"width": 1280, "height": 900})
    until(page, lambda: overflow(page) <= 0, True)  # once tables and charts have the new width


def test_a_page_without_a_databank_names_the_one_it_shows(visit: Visit) -> None:
    page = visit("/dictionary")
    expect(page.get_by_role("heading", name="Dictionary", exact=True)).to_be_visible()
    until(page, lambda: page.url.rpartition("/")[2], "dictionary?databank=empty")


def test_a_link_restores_the_view(visit: Visit) -> None:
    page = visit("/studies?databank=full&modality=MR&modality=PT&since=2020-02-15&lang=Deutsch")
    expected = "Nur Serien mit Modalität MR oder PT Studiendatum ab 2020-02-15"
    until(page, lambda: said(page), expected)
    assert cards(page)["Studien"] == "3"


def test_a_title_sorts_in_the_database(visit: Visit) -> None:
    page = visit("/studies?databank=full")
    dates = cells(page, "table_studies", 2)
    assert dates == sorted(dates, reverse=True)
    for expected in (sorted(dates), dates):
        click_title(page, "table_studies", BOX + 220 + 40)
        until(page, lambda: cells(page, "table_studies", 2), expected)


def test_the_keyboard_opens_a_row(visit: Visit) -> None:
    page = visit("/studies?databank=full&modality=CT")
    box = table(page, "table_studies").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 300, box["y"] + 50)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Space")
    ready(page)
    expect(page.get_by_role("heading", name="CHEST CT")).to_be_visible()
    # which row it is depends on when the table took the click; that it opens is what is tested
    assert re.search(r"[?&]study=[0-9.]+", page.url)


def test_upload_an_archive_and_see_it(visit: Visit, tmp_path: Path) -> None:
    archive = tmp_path / "thorax.zip"
    archive.write_bytes(dicom_files.archive())
    page = visit("/studies?databank=empty")
    expect(page.get_by_text("This databank is empty.")).to_be_visible()
    page.get_by_test_id("stMain").get_by_role("link", name="Go to ingest").click()
    ready(page)
    page.get_by_text("Upload files").click()
    ready(page)
    page.locator('input[type="file"]').set_input_files(archive)
    expect(page.get_by_text("thorax.zip")).to_be_visible()
    into = page.locator(".st-key-into input")
    into.fill("uploaded")
    into.press("Enter")
    ready(page)
    page.get_by_role("button", name="Start ingest").click()
    told = "7 seen = 5 instances + 1 duplicates + 1 not DICOM + 0 errors + 0 unchanged"
    expect(page.get_by_text(told)).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="See the studies").click()
    ready(page)
    expect(page.get_by_role("heading", name="Studies")).to_be_visible()
    assert "databank=uploaded" in page.url
    assert (cards(page)["Series"], cards(page)["Instances"]) == ("2", "5")
    turn_to(page, "Data", "Runs and files")
    ready(page)
    assert cards(page)["Not DICOM"] == "1"


def test_downloads_are_what_is_shown(visit: Visit, tmp_path: Path) -> None:
    page = visit("/studies?databank=full&modality=PT")
    page.get_by_role("button", name="Download").click()
    page.get_by_role("radio", name="Excel").click()
    expect(page.get_by_text("-o full-studies.xlsx")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save file").click()
    path = tmp_path / "studies.xlsx"
    download.value.save_as(path)
    assert download.value.suggested_filename == "full-studies.xlsx"
    rows = list(openpyxl.load_workbook(path)["Data"].iter_rows(values_only=True))
    assert len(rows) == 2
    row = dict(zip(rows[0], rows[1], strict=True))
    assert (row["StudyDescription"], row["n_instances"]) == ("WHOLEBODY PT", 20)
    assert not {"PatientName", "PatientID", "AccessionNumber"} & set(row)


def test_identifiers_are_marked_and_never_in_the_address(visit: Visit) -> None:
    page = visit("/studies?databank=full")
    banner = page.get_by_text("Identifiers are shown")
    expect(banner).to_have_count(0)
    page.locator(".st-key-identifiers label").first.click()
    ready(page)
    expect(banner).to_be_visible()
    page.get_by_placeholder("Description, protocol, model …").fill("müller^test1")
    page.keyboard.press("Enter")
    ready(page)
    assert cards(page)["Patients"] == "1"
    assert urlparse(page.url).query == "databank=full"
    page.reload()
    ready(page)
    expect(banner).to_have_count(0)
    assert cards(page)["Patients"] == "3"


@pytest.mark.parametrize(("language", "title"), [("Deutsch", "Studien"), ("中文", "检查")])
def test_language_is_switched_without_losing_state(visit: Visit, language: str, title: str) -> None:
    page = visit("/studies?databank=full&modality=CT")
    page.get_by_role("radio", name=language).or_(
        page.get_by_role("button", name=language)
    ).first.click()
    ready(page)
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    assert parse_qs(urlparse(page.url).query)["modality"] == ["CT"]
    assert "2" in cards(page).values()


@pytest.mark.parametrize(
    ("theme", "ground", "colour"),
    [("light", "rgb(255, 255, 255)", "rgb(11, 110, 117)"),
     ("dark", "rgb(16, 25, 29)", "rgb(58, 206, 214)")],
)  # fmt: skip
def test_themes(visit: Visit, theme: str, ground: str, colour: str) -> None:
    page = visit("/?databank=full", theme=theme)
    app = page.locator('[data-testid="stApp"]')
    assert app.evaluate("e => getComputedStyle(e).backgroundColor") == ground
    bars = page.locator(".js-plotly-plot .bars path").first
    bars.wait_for()
    fills = page.locator(".js-plotly-plot .bars path").evaluate_all(
        "paths => paths.map(path => getComputedStyle(path).fill)"
    )
    assert colour in fills, "the first colour of the theme"


@pytest.mark.parametrize(
    "address",
    ["/studies?databank=full&modality=CT&modality=MR&modality=PT&since=2020-01-01",
     "/?databank=empty"],
)  # fmt: skip
def test_narrow_screens_do_not_scroll_sideways(visit: Visit, address: str) -> None:
    """With many filters, and without anything; all pages are looked at above."""
    page = visit(f"{address}&lang=Deutsch", width=360, height=740)
    assert overflow(page) <= 0


def test_other_machines_are_not_served(server: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing, but tells the address others see
        except OSError:
            pytest.skip("this machine has no address but the loopback")
        address = probe.getsockname()[0]
    with socket.socket() as client:
        client.settimeout(5)
        assert client.connect_ex((address, urlparse(server).port)) != 0
