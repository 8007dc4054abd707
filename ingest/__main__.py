"""The ingest job on its own: `python -m ingest SOURCE...`, for machines that run nothing else."""

from __future__ import annotations

import typer

from ingest import job


def main() -> None:
    """Run the command with the arguments of the process."""
    app = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)
    app.command()(job.command)
    app(prog_name="python -m ingest")


if __name__ == "__main__":
    main()
