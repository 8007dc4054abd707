"""What the dashboards say, from answers: pages and report show the same numbers and figures.

A module of each dashboard asks through ``Asked`` and gives cards, tables and figures; it knows
neither Streamlit nor HTML.
"""
