"""A databank's changes to the rules, in its own file and in that of earlier tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.mr import DEFAULT, Config, InvalidConfig, classify

FLAIR = pl.DataFrame({
    "ScanningSequence": ["SE\\IR"], "EchoTime": [120.0], "RepetitionTime": [9000.0],
    "InversionTime": [1800.0], "MagneticFieldStrength": [3.0], "SeriesDescription": ["liqsup 3"],
})  # fmt: skip


def config(tmp_path: Path, text: str, name: str = "mr.toml") -> Config:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return Config.read(path)


def kind(frame: pl.DataFrame, changed: Config) -> str:
    return str(classify(frame, changed)["sequenceClass"][0])


def test_without_a_file_the_rules_are_the_shipped_ones(tmp_path: Path) -> None:
    assert Config.read(tmp_path / "mr.toml") is DEFAULT
    assert Config.of(tmp_path) is DEFAULT
    assert kind(FLAIR, DEFAULT) == "T2_FLAIR"


def test_a_threshold_of_a_band(tmp_path: Path) -> None:
    changed = config(tmp_path, '[band."3.0T"]\nflair_ti = 2000\n')
    assert not classify(FLAIR, changed)["classReason"][0].startswith("flair.ti")
    other = FLAIR.with_columns(MagneticFieldStrength=1.5)
    assert classify(other, changed)["classReason"][0].startswith("flair.ti")


def test_a_rule_is_taken_out_and_another_put_before_all(tmp_path: Path) -> None:
    changed = config(
        tmp_path,
        '[rules."flair.ti"]\nenabled = false\n'
        '[[rule]]\nid = "own.liquid"\nall = ["name has liqsup"]\n'
        'gives = { class = "T2_FLAIR" }\nprior = 0.6\n',
    )
    made = classify(FLAIR, changed)
    assert made["classReason"][0] == "own.liquid: name=liqsup 3"
    assert made["classConfidence"][0] == 0.6


def test_what_a_rule_gives_is_changed(tmp_path: Path) -> None:
    changed = config(tmp_path, '[rules."flair.ti"]\ngives = { class = "OTHER" }\n')
    assert kind(FLAIR, changed) == "OTHER"


def test_words_of_a_fact_and_of_a_plane(tmp_path: Path) -> None:
    changed = config(tmp_path, '[table.orientation]\nAX = ["quer"]\n')
    frame = pl.DataFrame({"SeriesDescription": ["t2 quer"]})
    assert classify(frame, changed)["standardOrientation"][0] == "AX"
    assert classify(frame)["standardOrientation"][0] == "UNKNOWN"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[threshold]\nnope = 1\n", "there is no threshold nope"),
        ("[threshold]\nflair_te = 'x'\n", "has to be a number"),
        ('[rules."nope"]\nenabled = false\n', "there is no rule nope"),
        ('[band."9T"]\nt1_tr = 1\n', "there is no band 9T"),
        ("[nope]\n", "not a part"),
        ("[[rule]]\nid = 'a'\nall = ['EchoTime ~ 3']\n", "EchoTime cannot be asked with ~"),
        ("[[rule]]\nid = 'a'\nall = ['Nope = 3']\n", "there is nothing called Nope"),
        ("[[rule]]\nid = 'a'\nall = ['SequenceName ~ (']\n", "regular expression"),
        ("[[rule]]\nid = 'a'\nall = ['nope']\n", "there is no fact nope"),
        ("[[rule]]\nid = 'a'\nall = ['EchoTime > $nope']\n", "there is no threshold $nope"),
        ("[[rule]]\nid = 'a'\nall = ['! ?']\n", "not a condition"),
        ("[[rule]]\nid = 'flair.ti'\nall = ['name has a']\n", "two rules flair.ti"),
        ("[[rule]]\nid = 'a'\nwhen = []\n", "when is not a part of a rule"),
        (
            "[fact.echo_planar]\nany = ['gradient']\n[fact.gradient]\nany = ['echo_planar']\n",
            "asks itself",
        ),
        ("rules = 3\n", "has to be a table"),
        ("rule = 3\n", "has to be a list"),
        ("]", "cannot be read"),
    ],
)
def test_what_cannot_be_used_gets_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(InvalidConfig) as error:
        config(tmp_path, text)
    assert sentence in str(error.value)


def legacy(tmp_path: Path, content: Any) -> Config:
    return config(tmp_path, json.dumps(content), "mr_clean_config.json")


def test_the_file_of_earlier_tools(tmp_path: Path) -> None:
    changed = legacy(tmp_path, {
        "orientation": {"oblique_threshold": 0.8, "tokens": {"AX": ["quer"]}},
        "fat_suppression": {"ti_range": [120, 260], "tokens": ["fettfrei"]},
        "thresholds": {"field_strength": {"3.0T": {"FLAIR_TI_min": 2000, "unheard": 3}}},
        "atomic_features": {"dwi": ["diffusiv"], "mystery": ["x"]},
        "classification": {
            "ruleA": {"order": ["a"]}, "sequence_family": {"GRE_SPOILED": ["myflash"]},
        },
        "dynamic": {"time_tolerance": 5},
        "propagate": {"enabled": False},
    })  # fmt: skip
    assert changed.rules.thresholds["oblique_squared"] == 0.8
    assert changed.rules.bands["3.0T"]["flair_ti"] == 2000
    assert changed.rules.thresholds["fat_ti_to"] == 260
    assert not changed.propagate
    assert changed.not_understood == (
        "thresholds.field_strength.3.0T.unheard is not understood and changes nothing.",
        "atomic_features.mystery is not understood and changes nothing.",
        "classification.ruleA.order is not understood and changes nothing.",
        "dynamic.time_tolerance is not understood and changes nothing.",
    )
    frame = pl.DataFrame({"SeriesDescription": ["t2 tse fettfrei quer"]})
    made = classify(frame, changed)
    assert made["isFatSuppressed"][0] is True
    assert made["standardOrientation"][0] == "AX"


@pytest.mark.parametrize("content", [3, [], "x", None])
def test_a_file_of_earlier_tools_that_is_none(tmp_path: Path, content: Any) -> None:
    with pytest.raises(InvalidConfig):
        legacy(tmp_path, content)


def test_a_databank_has_its_own_file_first(tmp_path: Path) -> None:
    (tmp_path / "mr_clean_config.json").write_text('{"propagate": {"enabled": false}}', "utf-8")
    assert not Config.of(tmp_path).propagate
    (tmp_path / "mr.toml").write_text("", "utf-8")
    assert Config.of(tmp_path).propagate
