"""What pages are made of: the frame, the sidebar, cards, tables, the header browser, the jobs.

Streamlit is known here, in ``app/main.py`` and in ``pages/``, and nowhere else.
"""
