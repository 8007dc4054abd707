"""A real server on the loopback and Debian's Chromium in front of it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Response,
    expect,
    sync_playwright,
)

from ingest.lake import databank
from tests.conftest import fill

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox", "--headless", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-default-apps",
]  # fmt: skip

Visit = Callable[..., Page]
expect.set_options(timeout=20_000)  # machines of CI are busy


@pytest.fixture(scope="package")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of its own, since uploads make further databanks in it."""
    place = tmp_path_factory.mktemp("e2e")
    fill(
        place / "databanks" / "full", studies=6, series_per_study=4, instances_per_series=5,
        not_dicom=3, errors=2,
    )  # fmt: skip
    databank.create(place / "databanks" / "empty")
    return place


@pytest.fixture(scope="package")
def server(home: Path) -> Iterator[str]:
    """The address of the app."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "app", "serve", "--no-browser", "--port", str(port)]
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "TAGLAKE_HOME": str(home)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/_stcore/health", process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser; skipped without one, but a failure in CI."""
    if CHROMIUM is None:
        reason = "Chromium is not installed (apt-get install chromium-headless-shell)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def tab(chromium: Browser, server: str) -> Iterator[tuple[Page, list[str]]]:
    """One tab for all tests, as people have it, and what it complained about.

    A tab of its own for each test would compile the front end anew each time: half of all the time.
    """
    complaints: list[str] = []
    context = chromium.new_context(accept_downloads=True)
    page = context.new_page()
    page.on("console", lambda message: _note(message, complaints))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("response", lambda response: _note_failure(response, complaints))
    page.on("request", lambda request: _note_host(request.url, server, complaints))
    page.on("websocket", lambda socket: _note_host(socket.url, server, complaints))
    yield page, complaints
    context.close()


@pytest.fixture
def visit(tab: tuple[Page, list[str]], server: str) -> Iterator[Visit]:
    """Goes to an address; after the test the page has not complained or asked another host."""
    page, complaints = tab
    complaints.clear()

    def visited(
        address: str = "/", *, width: int = 1280, height: int = 900, theme: str = "light"
    ) -> Page:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.goto(server + address)
        ready(page)
        return page

    yield visited
    page.goto("about:blank")
    assert complaints == []


def ready(page: Page) -> None:
    """Wait until Streamlit has run the script to its end, and has drawn."""
    page.wait_for_selector('[data-test-script-state="notRunning"]', timeout=30_000)
    page.wait_for_timeout(250)
    page.wait_for_selector('[data-test-script-state="notRunning"]', timeout=30_000)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(address, timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    pytest.fail("The server did not start.")


def _note(message: ConsoleMessage, complaints: list[str]) -> None:
    if message.type == "error":
        complaints.append(message.text)


def _note_failure(response: Response, complaints: list[str]) -> None:
    if response.status >= 400:
        complaints.append(f"{response.status} {response.url}")


def _note_host(url: str, server: str, complaints: list[str]) -> None:
    own = (server, server.replace("http", "ws"), "data:", f"blob:{server}", "about:blank")
    if not url.startswith(own):
        complaints.append(f"request to {url}")
