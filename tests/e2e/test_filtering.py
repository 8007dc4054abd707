"""Filtering as people do it: by charts, chips, the keyboard and the browser's way back."""

from __future__ import annotations

from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit, ready
from tests.e2e.screen import cards, choose, said, turn_to, until

pytestmark = pytest.mark.slow

CT = "Only series with modality CT"


def address(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlparse(page.url).query)


def click_bar(page: Page, chart: str, text: str) -> None:
    """Hover over the bar of a value, see its number, and click it."""
    names = page.locator(f".st-key-{chart} .ytick text")
    expect(names.first).to_be_visible()
    at = names.all_text_contents().index(text)
    bar = page.locator(f".st-key-{chart} .barlayer .point path").nth(at)
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    assert box is not None
    x, y = box["x"] + min(5.0, box["width"] / 2), box["y"] + box["height"] / 2
    page.mouse.move(x - 2, y)
    page.mouse.move(x, y)
    expect(page.locator(f".st-key-{chart} .hoverlayer .hovertext")).to_have_count(1)
    page.mouse.click(x, y)
    ready(page)


def test_a_click_on_a_bar_filters_and_another_one_undoes_it(visit: Visit) -> None:
    page = visit("/?databank=full")
    click_bar(page, "by_modality", "PT")
    until(page, lambda: said(page), "Only series with modality PT")
    assert address(page) == {"databank": ["full"], "modality": ["PT"]}
    assert cards(page)["Series"] == "4"
    click_bar(page, "by_modality", "PT")
    until(page, lambda: address(page), {"databank": ["full"]})
    until(page, lambda: cards(page)["Series"], "24")  # the address changes before what is drawn
    ready(page)
    click_bar(page, "by_manufacturer", "UIH")
    until(page, lambda: said(page), "Only series with manufacturer UIH")


def test_back_and_forward_go_through_what_was_filtered(visit: Visit) -> None:
    page = visit("/studies?databank=full")
    choose(page, "modality", "CT")
    until(page, lambda: said(page), CT)
    choose(page, "manufacturer", "GE MEDICAL SYSTEMS")
    both = f"{CT} manufacturer GE MEDICAL SYSTEMS"
    until(page, lambda: said(page), both)
    for step, expected in ((page.go_back, CT), (page.go_back, ""), (page.go_forward, CT),
                           (page.go_forward, both)):  # fmt: skip
        step()
        until(page, lambda: said(page), expected)
    turn_to(page, "Data", "Runs and files")
    page.wait_for_url("**/runs?**")
    until(page, lambda: address(page).get("modality"), ["CT"])
    page.go_back()
    until(page, lambda: said(page), both)
    page.reload()
    until(page, lambda: said(page), both)
    assert cards(page)["Series"] == "8"


def test_chips_are_reached_and_used_by_the_keyboard(visit: Visit) -> None:
    page = visit("/studies?databank=full&modality=CT&modality=MR&since=2020-01-01")
    until(page, lambda: said(page), f"{CT} or MR study date from 2020-01-01")
    page.locator(".st-key-chip_modality_CT button >> visible=true").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    until(page, lambda: said(page), f"{CT} study date from 2020-01-01")
    assert address(page) == {"databank": ["full"], "modality": ["CT"], "since": ["2020-01-01"]}
    page.locator(".st-key-clear_chips button").click()
    until(page, lambda: address(page), {"databank": ["full"]})
    expect(page.get_by_text("All series of the databank.")).to_be_visible()


def test_what_is_misspelt_is_found(visit: Visit) -> None:
    page = visit("/studies?databank=full")
    search = page.get_by_placeholder("Description, protocol, model …")
    search.fill("thorx 5.0")
    search.press("Enter")
    page.get_by_role("button", name="Thorax 5.0 Br64").first.click()
    until(page, lambda: said(page), "Only series with “thorax 5.0 br64” in their texts")
    assert cards(page)["Series"] == "2"
    assert address(page) == {"databank": ["full"]}, "what is searched may be a name"


def test_a_databank_is_made_renamed_and_deleted(visit: Visit) -> None:
    page = visit("/studies?databank=full")

    def menu(action: str) -> None:
        page.get_by_role("button", name="Databanks").click()
        page.get_by_role("menuitem", name=action).click()

    def press(name: str) -> None:
        page.get_by_role("dialog").get_by_role("button", name=name).click()

    menu("New databank")
    dialog = page.get_by_role("dialog")
    name = dialog.get_by_label("Name", exact=True)
    name.fill("a/b")
    press("Make it")
    expect(dialog.get_by_text("none of / ")).to_be_visible()
    name.fill("Herz 2024")
    name.press("Enter")
    until(page, lambda: address(page).get("databank"), ["Herz 2024"])
    expect(page.get_by_text("This databank is empty.")).to_be_visible()

    menu("Rename")
    dialog.get_by_label("Name", exact=True).fill("Lunge")
    press("Rename it")
    expect(dialog.get_by_text("Nothing was changed")).to_be_visible()
    dialog.get_by_label("Type the present name").fill("Herz 2024")
    press("Rename it")
    until(page, lambda: address(page).get("databank"), ["Lunge"])

    menu("Delete")
    dialog.get_by_label("Type the present name").fill("Lunge")
    press("Delete it for good")
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("Lunge is deleted.")).to_be_visible()
    assert address(page)["databank"][0] in ("empty", "full", "uploaded")
