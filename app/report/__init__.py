"""A report of a selection as one HTML file: what is on the screen, to be kept, sent and printed.

It holds no script and fetches nothing: charts are static SVG made from the figures of the app, and
a policy in the file forbids everything but its own styles.  Plotly's own script would have been
4.8 MB a report, which mail and document systems refuse or strip, prints only what fitted the
window, and would have to be allowed to run beside text from files.

Pages take part by a maker of a section in ``sections``; a maker asks questions and gives blocks,
and ``html`` writes them.  The time in a report is that of its data, so that the same selection of
the same snapshot is the same file, from the app and from the command line.
"""

from __future__ import annotations

from app.report.make import MIME, report

__all__ = ["MIME", "report"]
