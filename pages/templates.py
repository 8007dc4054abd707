"""Which columns does a workbook have for each modality, and how are they changed?"""

from __future__ import annotations

import streamlit as st

from app.ui import frame, template_editor, template_kept, templates
from app.ui.view import current

view = frame.begin_files("templates", set_aside=False)
t = view.texts

library, name = templates.choose(view)
template_kept.say()
tabs = st.tabs([t(f"templates.tab_{part}") for part in ("columns", "edit")], key="templates_tabs")
with tabs[0]:
    templates.listed(view, library, name)
with tabs[1]:
    typed = template_editor.edit(view, library, name)
    st.subheader(t("templates.preview"), anchor=False)
    templates.preview(current(), typed)
