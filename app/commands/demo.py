"""`taglake demo`: from nothing to something to look at, with no data of one's own.

The cohort is written once, into `demo` beside the databanks; the second time both the cohort and
the databank are found as they are, and only the server has to start.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands import serve
from app.terminal import counted, fail, notice, sentences
from ingest import job, progress
from ingest.exits import Exit

if TYPE_CHECKING:
    from app.demo import CohortSummary

NAME = "demo"
SHIFTED = "demo-shifted"


def command(
    port: serve.Port = serve.PORT,
    no_browser: serve.NoBrowser = False,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Only make the databank.")] = False,
    seed: Annotated[int, typer.Option(help="Another seed is another cohort.")] = 7,
    scale: Annotated[int, typer.Option(min=1, help="How many times the patients.")] = 1,
    shifted: Annotated[
        bool,
        typer.Option(
            "--shifted", help="A small PET cohort with inconsistently shifted dates instead."
        ),
    ] = False,
) -> None:
    """Generate a synthetic cohort, ingest it and serve the app."""
    with sentences():
        from ingest.lake import databank

        name = SHIFTED if shifted else NAME
        folder = databank.home() / name
        if shifted:
            what = counted(_shifted(folder, seed), "file")
        else:
            cohort = _cohort(folder, seed, scale)
            what = f"{counted(cohort.files, 'file')} of {counted(cohort.patients, 'patient')}"
        notice(f"The cohort: {what} in {folder}.")
        code = job.run(
            [str(folder)], name, workers=None, force=False, caps=job.LIMITS,
            voice=progress.voice(as_json=False),
        )  # fmt: skip
    if code != Exit.DONE:
        raise typer.Exit(code)
    if not no_serve:
        serve.serve(port, serve.shown(name), browser=not no_browser)


def _cohort(folder: Path, seed: int, scale: int) -> CohortSummary:
    from app.demo import write_cohort

    def told(written: int, planned: int) -> None:
        if sys.stderr.isatty():
            end = "\n" if written == planned else ""
            print(f"\r\033[K{written:,} of {planned:,} files", end=end, file=sys.stderr, flush=True)

    notice(f"Writing the demo cohort to {folder}, or finding it there.")
    try:
        return write_cohort(folder, seed=seed, scale=scale, progress=told)
    except OSError as error:
        raise fail(f"The cohort cannot be written: {error.strerror or error}.") from None


def _shifted(folder: Path, seed: int) -> int:
    from app.demo import write_shifted

    try:
        return write_shifted(folder, seed=seed)
    except OSError as error:
        raise fail(f"The cohort cannot be written: {error.strerror or error}.") from None
