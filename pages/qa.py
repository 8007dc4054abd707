"""How good is the metadata: protocol adherence, completeness, timing, dose, identity, score?"""

from __future__ import annotations

from app.ui import downloads, frame, qa, qa_thresholds

view = frame.begin("qa")
qa_thresholds.draw(view)
downloads.report(view)
qa.draw(qa.load(view))
