"""The measures of quality: as worked out by hand, and as many as their rows."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import quality, queries
from app.filters import Filters, Span
from app.quality import measured, thresholds
from app.quality.measured import Counted
from app.queries import Databank
from ingest.derive import thresholds as stored
from ingest.schema import TABLES
from ingest.schema.sql_types import type_name
from tests import quality_cohort
from tests.quality_cohort import study

STUDIES = {"kind": "", "value": ""}


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Databank:
    return Databank(quality_cohort.make(tmp_path_factory.mktemp("quality")))


EXPECTED = {
    "adherence_uptake_ideal": (4, 4), "adherence_uptake_early": (0, 4),
    "adherence_uptake_late": (0, 4), "adherence_dose_ideal": (3, 4),
    "adherence_dose_low": (1, 4), "adherence_dose_high": (0, 4),
    "missing_weight": (1, 7), "missing_activity": (1, 6), "missing_injection_time": (0, 6),
    "missing_radiopharmaceutical": (0, 6), "missing_acquisition_time": (0, 7),
    "missing_sex": (1, 7), "missing_age": (0, 7),
    "timing_negative": (1, 6), "timing_too_long": (1, 6), "timing_parse_fail": (0, 6),
    "timing_conflict": (0, 7), "timing_inferred": (1, 6), "timing_shifted": (1, 6),
    "dose_implausible": (0, 4), "dose_no_weight": (1, 6), "dose_no_activity": (1, 6),
    "dose_unit_assumed": (1, 5), "composition_pt_without_ct": (6, 6),
    "composition_ct_without_pt": (0, 0), "composition_many_series": (0, 7),
    "derived_any": (0, 7), "derived_seg": (0, 7), "duplicates_files": (0, 7),
    "duplicates_repeated": (0, 7), "ct_dose_header": (0, 0), "ct_dose_report": (0, 0),
    "deidentification_removed": (0, 7), "deidentification_not_said": (7, 7),
    "deidentification_burned_in_not_said": (7, 7),
}  # fmt: skip


def test_numbers_worked_out_by_hand(cohort: Databank) -> None:
    found = measured.counted(cohort)
    assert {name: (found[name].n, found[name].total) for name in EXPECTED} == EXPECTED
    assert set(found) == set(quality.BY_ID)


def test_statistics_worked_out_by_hand(cohort: Databank) -> None:
    spreads = measured.spreads(cohort)
    uptake: tuple[object, ...] = (4, 56.25, 60.0, pytest.approx(7.5), 45.0, 60.0)
    dose: tuple[object, ...] = (4, 2.5625, 3.0, pytest.approx(1.2311072), 0.75, 3.5)
    assert spreads["uptake"] == uptake
    assert spreads["dose"] == dose
    assert measured.histogram(cohort, "uptake") == [(45.0, 1), (50.0, 0), (55.0, 0), (60.0, 3)]
    steps = dict(measured.histogram(cohort, "dose"))
    assert (steps[0.7], steps[3.0], steps[3.5], sum(steps.values())) == (1, 2, 1, 4)
    assert steps[0.8] == steps[3.4] == 0


def test_60_mbq_at_80_kg_is_found_by_card_and_filter(cohort: Databank) -> None:
    by_card = Filters.of({"adherence": ["dose_low"]})
    by_range = Filters.of(within={"dose_per_kg": Span(0.7, 0.8, below=True)})
    for filters in (by_card, by_range):
        rows = queries.ask(cohort, "qa_studies", filters, STUDIES)
        assert rows["StudyInstanceUID"].to_list() == [study(2)]
        assert rows["dose_per_kg_MBq"].to_list() == [0.75]
    assert measured.counted(cohort)["adherence_dose_low"].n == 1


def rows_behind(databank: Databank, one: Counted, filters: Filters) -> int:
    measure = one.measure
    chosen = (*filters.values(measure.key), measure.name)
    narrowed = filters.choosing(measure.key, chosen)
    if measure.of == "findings":
        rule = {"rule": quality.rule(measure)}
        return int(queries.ask(databank, "qa_findings", filters, rule)["n_affected"].sum())
    return queries.count(databank, f"qa_{measure.of}", narrowed, STUDIES)


@pytest.mark.parametrize(
    "filters",
    [Filters(), Filters.of({"modality": ["PT"], "sex": ["F"]}), Filters.of({"dose": ["no_weight"]}),
     Filters.of({"missing": ["activity"]}, within={"uptake": Span(None, 0)})],
)  # fmt: skip
def test_rows_are_as_many_as_the_number_says(cohort: Databank, filters: Filters) -> None:
    found = measured.counted(cohort, filters).values()
    assert sum(one.n for one in found) > 3
    for one in found:
        assert rows_behind(cohort, one, filters) == one.n, one.measure.id


def test_kinds_have_as_many_rows_as_they_count(cohort: Databank) -> None:
    kinds = queries.ask(cohort, "qa_kinds", params={"period": "month"})
    assert {"modality", "manufacturer", "radiopharmaceutical", "sex", "age", "hour", "month"} < set(
        kinds["kind"]
    )
    for kind, value, n in kinds.iter_rows():
        found = queries.count(cohort, "qa_studies", params={"kind": kind, "value": value})
        assert found == n, (kind, value)


def test_steps_of_histograms_filter_what_they_count(cohort: Databank) -> None:
    for number, key in (("uptake", "uptake"), ("dose", "dose_per_kg")):
        width = measured.STEPS[number]
        for low, n in measured.histogram(cohort, number):
            span = Span(low, round(low + width, 4), below=True)
            filters = Filters.of(within={key: span})
            assert queries.count(cohort, "qa_studies", filters, STUDIES) == n, (number, low)


def test_thresholds_of_the_databank_decide(cohort: Databank, tmp_path: Path) -> None:
    root = Path(shutil.copytree(cohort.root, tmp_path / "bank"))
    databank = Databank(root)
    assert measured.counted(databank)["adherence_uptake_ideal"].n == 4
    stored.write(root, {"uptake.ideal_from": 46.0, "dose.ideal_to": 3.2})
    found = measured.counted(databank)
    assert found["adherence_uptake_ideal"].n == 3
    assert found["adherence_uptake_early"].n == 1
    assert found["adherence_dose_ideal"].n == 2
    early = Filters.of({"adherence": ["uptake_early"]})
    rows = queries.ask(databank, "qa_studies", early, STUDIES)
    assert rows["StudyInstanceUID"].to_list() == [study(3)]
    stored.write(root, dict.fromkeys(stored.DEFAULTS))
    assert measured.counted(databank)["adherence_uptake_ideal"].n == 4


def counted(odd: int, delays: int) -> dict[str, Counted]:
    return {"timing_shifted": Counted(quality.BY_ID["timing_shifted"], odd, delays)}


@pytest.mark.parametrize(
    ("odd", "delays", "shifted"),
    [(5, 50, True), (5, 51, False), (4, 5, False), (0, 0, False), (40, 60, True)],
)
def test_a_cohort_is_shifted_from_a_share_and_a_number_on(
    odd: int, delays: int, shifted: bool
) -> None:
    assert measured.is_shifted(counted(odd, delays), thresholds.DEFAULTS) == shifted


def test_shares_of_nothing_are_none() -> None:
    assert Counted(quality.MEASURES[0], 0, 0).share is None
    assert Counted(quality.MEASURES[0], 1, 4).share == 0.25


def test_measures_name_columns_and_thresholds_that_there_are() -> None:
    with duckdb.connect() as connection:
        for name in ("studies", "series", "findings"):
            columns = ", ".join(
                f'"{column.name}" {type_name(column.dtype)}' for column in TABLES[name].columns
            )
            connection.execute(f"CREATE TABLE {name} ({columns})")
            sql = f"SELECT {quality.counts(name)} FROM {name}"
            params = quality.needed(sql, thresholds.DEFAULTS)
            row = connection.execute(sql, params or None).fetchone()
            assert row is not None
            assert set(row) == {0}
    assert len({measure.id for measure in quality.MEASURES}) == len(quality.MEASURES)
    cards = [card for section in quality.SECTIONS for card in section.cards]
    assert sorted(cards) == list(range(1, 19)), "all cards of the page, each once"
    for names in quality.STORED.values():
        assert set(names) <= set(thresholds.DEFAULTS)


@pytest.fixture(scope="module")
def studies() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    columns = ", ".join(
        f'"{column.name}" {type_name(column.dtype)}' for column in TABLES["studies"].columns
    )
    connection.execute(f"CREATE TABLE studies ({columns})")
    return connection


@settings(deadline=None, max_examples=30)
@given(
    rows=st.lists(
        st.tuples(
            st.booleans(), st.sampled_from([None, "ok", "negative", "too_long", "missing"]),
            st.sampled_from([None, -60.0, 44.9, 45.0, 60.0, 75.0, 75.1, 300.0]),
            st.sampled_from([None, "ok", "implausible", "no_weight"]),
            st.sampled_from([None, 0.05, 2.5, 3.0, 3.5, 3.6]),
        ), max_size=12,
    )
)  # fmt: skip
def test_the_parts_of_adherence_are_the_whole(
    studies: duckdb.DuckDBPyConnection, rows: list[tuple[object, ...]]
) -> None:
    studies.execute("DELETE FROM studies")
    for row in rows:
        studies.execute(
            "INSERT INTO studies (is_radiopharmaceutical, uptake_status, uptake_minutes, "
            "dose_status, dose_per_kg_MBq) VALUES (?, ?, ?, ?, ?)", list(row),
        )  # fmt: skip
    sql = f"SELECT {quality.counts('studies')} FROM studies"
    values = studies.execute(sql, quality.needed(sql, thresholds.DEFAULTS)).fetchone()
    assert values is not None
    found = dict(zip(quality.conditions("studies"), values, strict=True))
    for measure in quality.MEASURES:
        if measure.of == "studies":
            assert found[measure.behind] <= found[measure.among or "true"]
    parts = ("uptake_ideal", "uptake_early", "uptake_late")
    summed = sum(found[quality.BY_ID[f"adherence_{part}"].behind] for part in parts)
    assert summed == sum(row[1] == "ok" and row[2] is not None for row in rows)


def test_rules_are_counted_alike_with_and_without_filters(cohort: Databank) -> None:
    everything = Filters.of({"modality": ["PT", "MR"]})
    assert measured.rules(cohort, everything).equals(measured.rules(cohort))
    assert measured.rules(cohort)["n_findings"].sum() > 0
