"""What do the tables and columns mean, and what is in them?"""

from __future__ import annotations

from app.ui import dictionary, frame

view = frame.begin_files("dictionary")
chosen = dictionary.listed(view)
if chosen:
    dictionary.detail(view, chosen)
