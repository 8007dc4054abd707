"""The theme: readable by everybody, in light and dark; and a server that keeps to itself."""

from __future__ import annotations

import itertools
import re
import tomllib
from pathlib import Path

import pytest

from app import charts
from app.ui import style
from tests.test_pages.colour_vision import VISION, blend, contrast, distance

CONFIG = Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml"
SETTINGS = tomllib.loads(CONFIG.read_text("utf-8"))
THEME = SETTINGS["theme"]
AA_TEXT, AA_GRAPHICS = 4.5, 3.0

both = pytest.mark.parametrize("name", ["light", "dark"])


@both
def test_texts_have_contrast(name: str) -> None:
    theme = THEME[name]
    grounds = [
        theme["backgroundColor"], theme["secondaryBackgroundColor"],
        theme["sidebar"]["backgroundColor"], theme["sidebar"]["secondaryBackgroundColor"],
    ]  # fmt: skip
    for ground in grounds:
        for text in ("textColor", "linkColor", "primaryColor", "dataframeHeaderTextColor"):
            assert contrast(theme[text], ground) >= AA_TEXT, (text, ground)
        for opacity in {float(o) for o in re.findall(r"opacity: (0?\.\d+)", style.RULES)}:
            faded = blend(theme["textColor"], ground, opacity)
            assert contrast(faded, ground) >= AA_TEXT, (opacity, ground)


def test_white_on_the_strong_colour_has_contrast() -> None:
    assert contrast("#ffffff", style.STRONG) >= AA_TEXT


@both
def test_colours_of_charts_are_seen_and_told_apart(name: str) -> None:
    colours = THEME[name]["chartCategoricalColors"]
    assert len(colours) == 10, "Streamlit replaces ten placeholders of Plotly's template"
    own, rest = colours[: charts.MAX_KINDS], colours[charts.MAX_KINDS]
    for colour in (*own, rest):
        assert contrast(colour, THEME[name]["backgroundColor"]) >= AA_GRAPHICS, colour
    for one, other in itertools.combinations(own, 2):
        for vision in VISION:
            assert distance(one, other, vision) >= 0.08, (one, other, vision)


def test_both_themes_set_the_same() -> None:
    assert set(THEME["light"]) == set(THEME["dark"])
    assert set(THEME["light"]["sidebar"]) == set(THEME["dark"]["sidebar"])


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert not re.search(r"https?://", CONFIG.read_text("utf-8"))
    assert (THEME["font"], THEME["codeFont"]) == ("sans-serif", "monospace")
    assert "fontFaces" not in THEME


def test_the_server_keeps_to_itself() -> None:
    assert SETTINGS["server"]["address"] == SETTINGS["browser"]["serverAddress"] == "127.0.0.1"
    assert SETTINGS["browser"]["gatherUsageStats"] is False
    assert SETTINGS["client"]["disableDataExport"] is True
    assert SETTINGS["client"]["showErrorDetails"] == "none"
    assert set(SETTINGS["server"]["allowedHosts"]) == {"127.0.0.1", "localhost"}


def test_streamlit_knows_every_setting() -> None:
    from streamlit import config

    known = set(config._config_options_template)
    flat = {
        f"{section}.{key}"
        for section, values in SETTINGS.items()
        for key, value in values.items()
        if not isinstance(value, dict)
    }
    for name in ("light", "dark"):
        flat |= {f"theme.{name}.{k}" for k, v in THEME[name].items() if not isinstance(v, dict)}
        flat |= {f"theme.{name}.sidebar.{k}" for k in THEME[name]["sidebar"]}
    assert flat <= known
