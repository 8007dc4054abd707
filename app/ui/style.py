"""The few rules of style that the theme has no setting for.

Colours are those of the theme, except where Streamlit writes white on the primary colour, which in
dark is too bright for that; small texts that Streamlit fades too much for WCAG AA are faded less.
"""

from __future__ import annotations

import streamlit as st

STRONG = "#0b6e75"
"""Ground of white text, in both themes; contrast 6.0."""

RULES = (
    """
.stApp [data-testid="stCaptionContainer"] { opacity: .8; }
.stApp .st-key-sentence p { opacity: .8; margin-top: -.4rem; }
.stApp [data-testid="stMetric"] { padding: .6rem .9rem .45rem; }
.stApp [data-testid="stMetric"] > div { padding: 0; }
.stApp [data-testid="stMetricLabel"] p { font-size: .82rem; opacity: .85; }
.stApp [data-testid="stMainBlockContainer"] { padding-left: clamp(1rem, 4vw, 3.5rem);
  padding-right: clamp(1rem, 4vw, 3.5rem); padding-bottom: 3rem; max-width: 1760px; }
.stApp [data-testid="stSidebar"] [data-testid="stWidgetLabelRequired"] { display: none; }
.stApp [data-testid="stBaseButton-primary"]:enabled, .stApp [data-tag] {
  background-color: STRONG; border-color: STRONG; color: #fff; }
.stApp [data-testid="stBaseButton-primary"]:enabled:hover { filter: brightness(1.12); }
.stApp .st-key-chips { margin-top: -.4rem; row-gap: .35rem; }
.stApp .st-key-chips p { opacity: .85; }
.stApp .st-key-chips button { min-height: 1.7rem; padding: 0 .55rem; border-radius: 1rem; }
.stApp .st-key-chips button p { opacity: 1; font-size: .9rem; }
.stApp .st-key-chips [data-testid="stBaseButton-tertiary"] { padding: 0 .3rem; }
.stApp [data-testid="stLayoutWrapper"]:has(> .st-key-identifiers_on) {
  position: sticky; top: .4rem; z-index: 80; }
.stApp .st-key-hide_identifiers button { backdrop-filter: blur(12px); }
@media (max-width: 768px) {
  .stApp [data-testid="stMetricValue"], .stApp [data-testid="stMetricValue"] *,
  .stApp [data-testid="stMetricLabel"], .stApp [data-testid="stMetricLabel"] * {
    white-space: normal; overflow: visible; text-overflow: clip; }
  .stApp [data-testid="stMetricValue"] { font-size: 1.35rem; line-height: 1.3; }
  .stApp [data-testid="stLayoutWrapper"]:has(> .st-key-identifiers_on) { top: 3.8rem; }
  .stApp .st-key-hide_identifiers button [data-testid="stMarkdownContainer"] {
    position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); } }
.stApp .st-key-filters summary { opacity: .85; }
.stApp .st-key-identifiers_on [data-testid="stAlertContainer"] { padding: .55rem .9rem; }
.stApp .st-key-databank_menu button [data-testid="stMarkdownContainer"] {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.stApp .st-key-databank_menu button { padding: 0 .5rem; }
.stApp .st-key-databank_menu button > div > :nth-child(2) { display: none; }
.stApp [class*="st-key-qa_n_"] button {
  min-height: 2rem; min-width: 0; padding: 0; justify-content: flex-start; }
.stApp [class*="st-key-qa_n_"] button [data-testid="stMarkdownContainer"] > p {
  font-size: 1.5rem; font-weight: 600; line-height: 1.25; }
.facts { columns: 3 18rem; column-gap: 2rem; }
.facts section { break-inside: avoid; padding-bottom: .9rem; }
.facts h3 { font-size: .95rem; font-weight: 600; margin: 0 0 .25rem; padding: 0; }
.facts dl { margin: 0; padding: 0; }
.facts dl > div { display: grid; grid-template-columns: minmax(8.8rem, 38%) 1fr; gap: .8rem;
  padding: .16rem 0; border-top: 1px solid color-mix(in srgb, currentColor 14%, transparent); }
.facts dt { opacity: .8; font-weight: 400; }
.facts dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.facts small { opacity: .8; font-size: .85em; }
"""
).replace("STRONG", STRONG)


def apply() -> None:
    """Put the rules on the page."""
    st.html(f"<style>{RULES}</style>")
