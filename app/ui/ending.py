"""How a run of a page or of a dialog ends before its last line.

``st.stop`` asks the runner of the script to stop for good, and with it goes what was clicked while
the script ran: a button of a dialog above an empty databank did nothing on a slow machine, for
good. The exception alone ends the run just so, and what was clicked is answered after it.
"""

from __future__ import annotations

from typing import NoReturn

from streamlit.runtime.scriptrunner import StopException


def end() -> NoReturn:
    """End the run; what has been drawn stays, and the state of what has not been drawn too."""
    raise StopException
