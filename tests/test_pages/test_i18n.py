"""The texts: complete in every language, all used; numbers as each language writes them."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from app import columns, queries
from app.i18n import DEFAULT, LANGUAGES, texts
from app.ui import facts, found, tables
from ingest.lake import errors

ROOT = Path(__file__).resolve().parents[2]
OTHERS = [code for code in LANGUAGES if code != DEFAULT]
SAME_IN_ALL = 3
"""Words: "CSV" is the same in all languages; longer texts that are equal are not translated."""
BY_NAME = (
    "app.", "count.", "card.", "card_help.", "facts.", "status.", "job.", "header.", "filters.",
    "sentence.", "table.", "overview.", "sex.", "studies.", "study.", "series.", "ingest.", "runs.",
    "databanks.", "compare", "private", "plane.", "severity.", "how.", "preview.", "export.",
    "sql.", "sql_failed.", "saved.", "plot.", "scanners.", "findings.", "graded.", "level.",
    "since.", "report.",
    "nuclear.", "dose.", "dose_measure.", "qa.", "mr.",
)  # fmt: skip


FROM_DATA = (
    "measure.", "measure_help.", "among.", "criterion.", "threshold.", "range.", "qa_section.",
    "qa_card.", "qa_card_help.", "match.", "example.", "column.", "error.", "finding.", "todo.",
    "looks_at.", "judgement.", "found.", "nuclear_reason.", "value_status.", "mr_value.",
    "template_wrong.", "row.",
)  # fmt: skip


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", OTHERS)
def test_every_language_has_every_text(code: str) -> None:
    ours, theirs = texts(DEFAULT).entries, texts(code).entries
    assert set(ours) == set(theirs)
    for key, text in ours.items():
        assert placeholders(text) == placeholders(theirs[key]), key
        assert theirs[key].strip(), key
        assert theirs[key].strip() == theirs[key] or key == "sentence.separator", key


@pytest.mark.parametrize("code", OTHERS)
def test_texts_are_translated(code: str) -> None:
    ours, theirs = texts(DEFAULT).entries, texts(code).entries
    same = [k for k, text in ours.items() if text == theirs[k] and len(text.split()) > SAME_IN_ALL]
    assert not same


def test_chinese_is_chinese() -> None:
    latin = [
        key
        for key, text in texts("zh").entries.items()
        if not re.search(r"[\u4e00-\u9fff]", text) and len(text.split()) > 1
    ]
    assert latin == []


def test_no_text_is_unused() -> None:
    code = "\n".join(
        path.read_text("utf-8")
        for place in ("app", "pages")
        for path in (ROOT / place).rglob("*.py")
    )

    def is_used(key: str) -> bool:
        if f'"{key}"' in code or f"'{key}'" in code or key.startswith(FROM_DATA):
            return True
        return key.startswith(BY_NAME) and f'"{key.split(".")[1]}"' in code

    unused = [key for key in texts(DEFAULT).entries if not is_used(key)]
    # Built from a page's name or a choice: f"{page}.title", f"ingest.from_{way}".
    built = re.compile(
        r"(overview|studies|study|series|ingest|runs|compare|private|sql|dictionary|findings|scanners|nuclear|dose|workbook|templates)"
        r"\.(title|nav|intro|none|gone)|ingest\.from_\w+|(overview|findings)\.(by_\w+|\w+_help)"
        r"|nuclear\.((by|is|no|axis|course)_\w+|(uptake|dose)_help)|dose\.(by_\w+|\w+_text)"
        r"|templates\.((tab|head)_\w+|(series|instances)(_short)?)"
        r"|qa\.(title|by_\w+|no_(uptake|dose)|(uptake|dose)_axis)"
        r"|mr\.((fat|contrast)_(true|false)|(which|none|scope|phase)_\w+|class_help|title)"
        r"|card(_help)?\.(nuclear_\w+|\w+_images)"
    )
    assert [key for key in unused if not built.fullmatch(key)] == []


def test_every_column_that_is_shown_has_a_title(home: Path) -> None:
    databank = queries.Databank(home / "databanks" / "full", identifiers=True)
    asked = {
        "runs": {}, "file_reasons": {}, "problem_files": {},
        "study_series": {"study": "x"}, "series_instances": {"study": "x", "series": "x"},
        "varying": {"study": "x", "series": "x"},
    }  # fmt: skip
    shown = {
        c
        for name, params in asked.items()
        for c in queries.ask(databank, name, params=params).columns
    }
    # Of the hundreds that lists can have, those that they have at first; others show their keyword.
    shown |= {*found.STUDY_COLUMNS, *found.SERIES_COLUMNS, "match"}
    shown -= set(tables.SURROGATES)
    shown |= {
        c for groups in (facts.STUDY, facts.SERIES) for names in groups.values() for c in names
    }
    assert {c for c in shown if f"column.{c}" not in texts(DEFAULT).entries} == set()


def test_every_error_of_the_lake_has_a_sentence() -> None:
    named = {
        k
        for k, v in vars(errors).items()
        if isinstance(v, type) and issubclass(v, errors.LakeError)
    }
    named -= {"LakeError"}
    assert {f"error.{name}" for name in named} <= set(texts(DEFAULT).entries)


def test_titles_start_with_a_capital_and_go_on_in_small_letters() -> None:
    for key, text in texts(DEFAULT).entries.items():
        if key.endswith((".title", ".nav")) or key.startswith(("card.", "chart.over", "chart.by")):
            words = text.split()
            assert words[0][0].isupper(), key
            assert all(w.islower() or w.isupper() for w in words[1:]), key


@pytest.mark.parametrize(
    ("code", "number", "size", "decimal"),
    [("en", "1,234,567", "1.2 MB", "0.5"), ("de", "1.234.567", "1,2 MB", "0,5"),
     ("zh", "1,234,567", "1.2 MB", "0.5")],
)  # fmt: skip
def test_numbers(code: str, number: str, size: str, decimal: str) -> None:
    t = texts(code)
    assert t.number(1_234_567) == number
    assert t.size(1_234_567) == size
    assert t.number(0.5, 1) == decimal


def test_sizes_and_spans() -> None:
    t = texts("en")
    assert [t.size(n) for n in (0, 999, 1000, 99_949, 99_950, 999_500, 10**15)] == [
        "0 B", "999 B", "1.0 kB", "99.9 kB", "100 kB", "1.0 MB", "1.0 PB",
    ]  # fmt: skip
    assert [t.duration(s) for s in (0.04, 9.9, 9.96, 59.4, 59.6, 3599, 3601, 90_000)] == [
        "0.0 s", "9.9 s", "10 s", "59 s", "1 min 0 s", "59 min 59 s", "1 h 0 min", "25 h 0 min",
    ]  # fmt: skip
    assert t.any_of([]) == ""
    assert t.any_of(["CT", "MR", "PT"]) == "CT, MR or PT"
    assert (t.count("studies", 1), t.count("studies", 1200)) == ("1 study", "1,200 studies")


def test_an_unknown_language_is_the_default() -> None:
    assert texts("xx").language == DEFAULT
    with pytest.raises(KeyError):
        texts("en")("no.such.text")


def test_units_are_in_titles_where_they_are_needed() -> None:
    t = texts("en")
    assert columns.title(t, "SliceThickness") == "Slice thickness (mm)"
    assert columns.title(t, "n_instances") == "Instances"
    assert columns.title(t, "b_value") == "b-value (s/mm²)"
    assert columns.hint("SliceThickness") == "SliceThickness (0018,0050)"
    assert columns.hint("n_instances") is None
    assert "PatientName" in tables.PHI
    assert "size" not in tables.PHI
