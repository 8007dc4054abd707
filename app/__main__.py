"""The entry of the command line: `./taglake`, or `python -m app`.

Nothing is imported before the first line that can be interrupted, so that a Ctrl-C in the first
tenths of a second ends with a sentence and not with a traceback.
"""

from __future__ import annotations

import sys

INTERRUPTED = 130
"""As in `ingest.exits`, which is not imported yet when this is needed."""


def main() -> None:
    """Run the command with the arguments of the process."""
    try:
        from app.command_line import build
        from ingest.exits import run_and_leave
    except KeyboardInterrupt:
        print("Error: Interrupted before it began.", file=sys.stderr)
        sys.exit(INTERRUPTED)
    run_and_leave(build(), "taglake")


if __name__ == "__main__":
    main()
