"""The few rules of style that the theme has no setting for.

Colours are those of the theme: only opacity, spacing and layout are set here, so light and dark
need no rules of their own.
"""

from __future__ import annotations

import streamlit as st

RULES = """
.st-key-sentence p { opacity: .78; margin-top: -.4rem; }
[data-testid="stMetric"] { padding: .55rem .8rem; }
[data-testid="stMetricLabel"] p { font-size: .8rem; opacity: .8; }
[data-testid="stMainBlockContainer"] { padding-left: clamp(1rem, 4vw, 3.5rem);
  padding-right: clamp(1rem, 4vw, 3.5rem); padding-bottom: 3rem; max-width: 1500px; }
[data-testid="stSidebar"] [data-testid="stWidgetLabelRequired"] { display: none; }
.facts { columns: 3 18rem; column-gap: 2rem; }
.facts section { break-inside: avoid; padding-bottom: .9rem; }
.facts h3 { font-size: .95rem; font-weight: 600; margin: 0 0 .25rem; padding: 0; }
.facts dl { margin: 0; padding: 0; }
.facts dl > div { display: grid; grid-template-columns: minmax(7.5rem, 38%) 1fr; gap: .8rem;
  padding: .16rem 0; border-top: 1px solid color-mix(in srgb, currentColor 14%, transparent); }
.facts dt { opacity: .78; font-weight: 400; }
.facts dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.facts small { opacity: .78; font-size: .85em; }
"""


def apply() -> None:
    """Put the rules on the page."""
    st.html(f"<style>{RULES}</style>")
