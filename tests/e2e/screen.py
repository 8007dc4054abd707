"""Where things are on the screen: tables are drawn on a canvas, so clicks go by position."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import ready

ROW = 35  # pixels; ``tables.ROW_HEIGHT``
BOX = 33  # the column of boxes


def table(page: Page, key: str = "") -> Locator:
    """A table by its key, else the first."""
    place = f".st-key-{key} " if key else ""
    return page.locator(f'{place}[data-testid="stDataFrame"]').first


def open_row(page: Page, key: str, row: int) -> None:
    """Click what row number ``row``, from 0, is called."""
    _click(page, key, BOX + 40, (row + 1.5) * ROW)


def click_title(page: Page, key: str, x: float) -> None:
    """Click the title of the column at ``x`` pixels."""
    _click(page, key, x, ROW / 2)


def cells(page: Page, key: str, column: int) -> list[str]:
    """Texts of a column, from the table that assistive technology reads."""
    found = table(page, key).locator(f'canvas table tbody td[aria-colindex="{column}"]')
    expect(found.first).to_be_attached()
    return found.all_inner_texts()  # at once: rows that are counted first may be gone when asked


def cards(page: Page) -> dict[str, str]:
    """What is on the cards."""
    found = page.locator('[data-testid="stMetric"]')
    expect(found.first).to_be_visible()
    pairs = [text.split("\n") for text in found.all_inner_texts()]
    return {pair[0]: pair[-1] for pair in pairs}


def choose(page: Page, key: str, value: str) -> None:
    """Choose a value of a filter, which is offered with its number of series."""
    box = page.locator(f".st-key-{key} input")
    box.click()
    page.get_by_role("option", name=re.compile(rf"{re.escape(value)} · [\d.,]+")).click()
    page.keyboard.press("Escape")
    ready(page)


def turn_to(page: Page, section: str, name: str) -> None:
    """Choose a page in the menu."""
    page.get_by_test_id("stTopNavSection").filter(has_text=section).click()
    page.get_by_test_id("stTopNavDropdownLink").filter(has_text=name).click()


def said(page: Page) -> str:
    """The sentence of the filters, without the button behind it."""
    words = page.locator(".st-key-chips p >> visible=true").all_inner_texts()
    return " ".join(words[:-1])


def overflow(page: Page) -> int:
    """How many pixels the page is wider than the screen."""
    return int(
        page.evaluate(
            """() => Math.max(document.documentElement.scrollWidth - innerWidth,
                ...[...document.querySelectorAll('[data-testid=stMain]')]
                    .map(main => main.scrollWidth - main.clientWidth))"""
        )
    )


def until(page: Page, seen: Callable[[], object], expected: object) -> None:
    """Look again, for some seconds, until what is seen is what is expected."""
    for _ in range(50):
        if seen() == expected:
            return
        page.wait_for_timeout(200)
    found = seen()
    assert found == expected, found


def _click(page: Page, key: str, x: float, y: float) -> None:
    found = table(page, key)
    found.scroll_into_view_if_needed()
    page.wait_for_timeout(200)
    box = found.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + x, box["y"] + y)
    ready(page)
