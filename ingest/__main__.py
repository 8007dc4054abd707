"""The ingest job on its own: `python -m ingest SOURCE...`, for machines that run nothing else.

Nothing is imported before the first line that can be interrupted, so that a Ctrl-C in the first
half second ends as a later one does: with a sentence, or a JSON line, and the same exit code.
"""

from __future__ import annotations

import sys

INTERRUPTED = 130
"""As in `ingest.exits`, which is not imported yet when this is needed."""
FAILED = '{"event": "fail", "message": "Interrupted before it began.", "exit": 130}'
"""As `ingest.progress` says it."""


def main() -> None:
    """Run the command with the arguments of the process."""
    try:
        import typer

        from ingest import job
        from ingest.exits import run_and_leave
    except KeyboardInterrupt:
        if "--json" in sys.argv:
            print(FAILED, flush=True)
        else:
            print("Error: Interrupted before it began.", file=sys.stderr)
        sys.exit(INTERRUPTED)
    app = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)
    app.command()(job.command)
    run_and_leave(app, "python -m ingest")


if __name__ == "__main__":
    main()
