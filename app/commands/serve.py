"""`taglake serve`: the app in a browser, on this machine only.

Streamlit runs as a process of its own, so that a signal ends it at once and this one can say where
it is and when it is ready.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, NamedTuple
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import typer

from app.commands.options import Databank
from app.terminal import fail, notice, sentences
from ingest.exits import Exit

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
PORT = 8501
PORTS_TRIED = 50
READY_SECONDS = 60.0

Port = Annotated[int, typer.Option(min=1, max=65535, help="The next free one is taken.")]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="Only print the address.")]


def command(port: Port = PORT, databank: Databank = "", no_browser: NoBrowser = False) -> None:
    """Serve the app on 127.0.0.1 and print its address."""
    with sentences():
        from ingest.lake.databank import home

        place = shown(databank) if databank else Shown(home(), "")
    serve(port, place, browser=not no_browser)


class Shown(NamedTuple):
    """What the app offers: the databanks of a home, one of them first (or any, if empty)."""

    home: Path
    name: str


def shown(databank: str) -> Shown:
    """Where a databank is, as the app names it; raises DatabankNotFound."""
    from ingest.lake import databank as databanks
    from ingest.lake.errors import DatabankNotFound

    root = databanks.path_of(databank)
    if not databanks.exists(root):
        raise DatabankNotFound(f"There is no databank {databank}.")
    if root.parent.name != "databanks":
        raise DatabankNotFound("The app shows databanks that are in a folder named databanks.")
    return Shown(root.parent.parent, root.name)


def serve(port: int, place: Shown, *, browser: bool) -> None:
    """Run the app until it is stopped; raises typer.Exit with how it ended."""
    free = free_port(port)
    if free != port:
        notice(f"Port {port} is taken; using {free}.")
    server = f"http://{HOST}:{free}"
    address = f"{server}/?{urlencode({'databank': place.name})}" if place.name else server
    environment = {**os.environ, "TAGLAKE_HOME": str(place.home.absolute())}
    with running(free, environment) as process:
        stopped = passed_on(process)  # before anybody is told where it is, and can end it
        try:
            if not wait_until_ready(process, f"{server}/_stcore/health") and not stopped.is_set():
                raise fail("The app did not start; what it said is above.", Exit.NOTHING)
            if not stopped.is_set():
                notice(f"Taglake is at {address} (Ctrl-C ends it).")
                if browser and has_display():
                    import webbrowser

                    webbrowser.open(address)
            code = process.wait()
        finally:
            process.terminate()
    raise typer.Exit(Exit.DONE if stopped.is_set() else code)


def free_port(first: int) -> int:
    """The first port from `first` on that nobody listens on; raises typer.Exit."""
    for port in range(first, min(first + PORTS_TRIED, 65536)):
        with socket.socket() as probe:
            if os.name != "nt":  # on Windows it would allow two servers on one port
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise fail(f"No free port from {first} on.", Exit.NOTHING)


def running(port: int, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Streamlit with the app; what it complains of goes to stderr."""
    options = {
        "server.address": HOST,
        "server.port": port,
        "server.headless": "true",
        "browser.gatherUsageStats": "false",
        "logger.level": "warning",
    }
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app" / "main.py")]
    command += [f"--{name}={value}" for name, value in options.items()]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


def wait_until_ready(process: subprocess.Popen[bytes], health: str) -> bool:
    """Whether the app answers before it ends or the time is up."""
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urlopen(health, timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            time.sleep(0.1)
    return False


def passed_on(process: subprocess.Popen[bytes]) -> threading.Event:
    """Pass SIGTERM and Ctrl-C on, which are the usual end of the app; set where one has come."""
    stopped = threading.Event()

    def stop(number: int, frame: object) -> None:
        stopped.set()
        process.terminate()

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)
    return stopped


def has_display() -> bool:
    """Whether a browser could show itself to somebody who sits here."""
    if sys.platform.startswith(("win", "darwin")):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
