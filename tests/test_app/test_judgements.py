"""What findings say in other languages: every sentence and every phrase that the lake can make."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from app.i18n import DEFAULT, LANGUAGES, texts
from app.judgements import phrase, sentence, worded
from ingest.derive import rules
from ingest.derive.rules import RULES

OTHERS = [code for code in LANGUAGES if code != DEFAULT]
SQL = Path(rules.__file__).with_name("sql") / "findings"
DE, ZH = texts("de"), texts("zh")
FOUND = [key for key in texts(DEFAULT).entries if key.startswith("found.")]
SAME = {"Radiopharmaceutical Start DateTime", "Bq", "kg", "MBq/kg"}
"""The same in every language."""


def test_the_english_sentences_are_those_of_the_rules() -> None:
    entries = texts(DEFAULT).entries
    for name, rule in RULES.items():
        assert entries[f"judgement.{name}"] == rule.message


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("name", RULES)
def test_every_sentence(name: str, code: str) -> None:
    t = texts(code)
    message = RULES[name].message.format(affected="3 instances", subject="EchoTime")
    if RULES[name].counts != "instances":
        message = message.replace("3 instances", f"3 {RULES[name].counts}")
    plain = t(f"judgement.{name}", affected=t.count(RULES[name].counts, 3), subject="EchoTime")
    assert sentence(t, message) == plain
    said = sentence(t, f"{message} Expected: one value. Found: 1.5. And: 2 and 3.")
    assert said.startswith(plain)
    assert t("found.one_value") in said
    assert t("found.pair", one="1.5. And: 2", other="3") in said


@pytest.mark.parametrize("code", OTHERS)
def test_every_phrase_is_found_by_its_english(code: str) -> None:
    """Whatever stands in its places, and though others may fit, too."""
    t, entries = texts(code), texts(DEFAULT).entries
    for key, text in entries.items():
        if key.startswith("found."):
            places = dict.fromkeys(re.findall(r"\{(\w+)\}", text), "7")
            assert phrase(t, text.format(**places)) == t(key, **places), key


def test_every_phrase_of_the_rules_is_known() -> None:
    """The words in the SQL of what is expected and found are part of a phrase."""
    every = " | ".join(text for key, text in texts(DEFAULT).entries.items() if key in FOUND)
    for file in SQL.glob("*.sql"):
        for line in file.read_text("utf-8").splitlines():
            if "--" in line or "regexp" in line:
                continue
            for literal in re.findall(r"'([^']*)'", line):
                words = literal.strip(" ,:")
                known = words in every or phrase(DE, words) != words
                assert " " not in literal or known or words in SAME, (file.name, literal)


@pytest.mark.parametrize(
    ("english", "german", "chinese"),
    [
        ("1576.38 minutes", "1576,38 Minuten", "1576.38 分钟"),
        ("0.05 MBq/kg", "0,05 MBq/kg", "0.05 MBq/kg"),
        ("1.2.840.10008 and 1.2.3", "1.2.840.10008 und 1.2.3", "1.2.840.10008 和 1.2.3"),
        ("missing", "nicht angegeben", "未注明"),
        ("the system's own reason", "the system's own reason", "the system's own reason"),
    ],
)
def test_values_stay_what_they_are(english: str, german: str, chinese: str) -> None:
    assert (phrase(DE, english), phrase(ZH, english)) == (german, chinese)


def test_what_is_not_known_stays_english() -> None:
    message = "The reader noticed a_new_rule (3 instances). Expected: peace."
    assert sentence(DE, message) == message


def test_columns_of_a_table_are_worded() -> None:
    frame = pl.DataFrame({
        "message": [RULES["truncated"].message.format(affected="1 instance"), None],
        "expected": ["a whole file", None], "Manufacturer": ["a whole file", None],
    })  # fmt: skip
    said = worded(DE, frame)
    assert said["message"].to_list() == ["Die Datei endet vor ihren Daten (1 Instanz).", None]
    assert said["expected"].to_list() == ["eine ganze Datei", None]
    assert said["Manufacturer"].to_list() == ["a whole file", None]
    assert worded(texts(DEFAULT), frame).equals(frame)
