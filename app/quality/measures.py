"""The measures of the quality page: what is counted, of how many, by which condition.

One record says it all: its condition counts (``n``), chooses the rows behind the number, and is a
filter (``missing=weight`` in the address), so the three can't differ. Conditions read the derived
columns of ``ingest.schema.quality`` and compute nothing anew; ``$uptake_ideal_from`` and the like
are thresholds of the databank.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

Table = Literal["studies", "series", "findings"]

PARAMETER = re.compile(r"\$(\w+)")
NUCLEAR = "is_radiopharmaceutical"
STUDY = "coalesce(StudyInstanceUID, '')"
SERIES = f"({STUDY}, coalesce(SeriesInstanceUID, ''))"


class Measure(NamedTuple):
    """A number of a card.

    ``key`` and ``name`` are its filter (``dose=outlier``); ``among`` is the condition of the rows
    that it is counted of, all rows of its table where it is ""; ``whole`` is what those are called
    (texts ``among.<whole>``). Of ``findings`` the affected files are summed, not the rows counted.
    """

    card: int
    key: str
    name: str
    condition: str
    whole: str
    among: str = ""
    of: Table = "studies"

    @property
    def id(self) -> str:
        """Name in texts, in widgets and on the command line."""
        return f"{self.key}_{self.name}"

    @property
    def behind(self) -> str:
        """The condition of its rows: what is counted, among what it is counted of."""
        return f"({self.among}) AND ({self.condition})" if self.among else f"({self.condition})"

    @property
    def thresholds(self) -> tuple[str, ...]:
        """The thresholds that decide it, as they are called in SQL."""
        return tuple(dict.fromkeys(PARAMETER.findall(self.behind)))


_UPTAKE, _DOSE = "uptake_status = 'ok'", "dose_status = 'ok'"
_HAS = "list_contains({}, '{}')"


def _kind(name: str, code: str) -> Measure:
    return Measure(13, "derived", name, _HAS.format("derived_kinds", code), "series", of="series")


def _any_of(*modalities: str) -> str:
    """One function for each: list_has_any takes ten times as long (345,000 studies: 44 ms)."""
    return " OR ".join(_HAS.format("Modalities", modality) for modality in modalities)


def _text(card: int, name: str, condition: str) -> Measure:
    return Measure(card, "deidentification", name, condition, "studies")


MEASURES: tuple[Measure, ...] = (
    Measure(1, "adherence", "uptake_ideal",
            "uptake_minutes BETWEEN $uptake_ideal_from AND $uptake_ideal_to", "uptake", _UPTAKE),
    Measure(1, "adherence", "uptake_early", "uptake_minutes < $uptake_ideal_from", "uptake",
            _UPTAKE),
    Measure(1, "adherence", "uptake_late", "uptake_minutes > $uptake_ideal_to", "uptake", _UPTAKE),
    Measure(1, "adherence", "dose_ideal",
            "dose_per_kg_MBq BETWEEN $dose_ideal_from AND $dose_ideal_to", "dose", _DOSE),
    Measure(1, "adherence", "dose_low", "dose_per_kg_MBq < $dose_ideal_from", "dose", _DOSE),
    Measure(1, "adherence", "dose_high", "dose_per_kg_MBq > $dose_ideal_to", "dose", _DOSE),
    Measure(8, "missing", "weight", "weight_kg IS NULL", "studies"),
    Measure(8, "missing", "activity", "injected_activity_MBq IS NULL", "nuclear", NUCLEAR),
    Measure(8, "missing", "injection_time", "injection_datetime IS NULL", "nuclear", NUCLEAR),
    Measure(8, "missing", "radiopharmaceutical", "Radiopharmaceutical IS NULL", "nuclear", NUCLEAR),
    Measure(8, "missing", "acquisition_time", "acquisition_status IS DISTINCT FROM 'ok'",
            "studies"),
    Measure(8, "missing", "sex", "PatientSex IS NULL", "studies"),
    Measure(8, "missing", "age", "PatientAge_years IS NULL", "studies"),
    Measure(9, "timing", "negative", "uptake_status = 'negative'", "nuclear", NUCLEAR),
    Measure(9, "timing", "too_long", "uptake_status = 'too_long'", "nuclear", NUCLEAR),
    Measure(9, "timing", "parse_fail", "uptake_status = 'parse_fail'", "nuclear", NUCLEAR),
    Measure(9, "timing", "conflict", "study_time_conflict", "timed", "study_time_status = 'ok'"),
    Measure(9, "timing", "inferred", "injection_date_inferred", "injected",
            "injection_status = 'ok'"),
    Measure(9, "timing", "shifted", "uptake_minutes < 0 OR shifted_days <> 0", "delays",
            "uptake_minutes IS NOT NULL"),
    Measure(10, "dose", "implausible", "dose_status = 'implausible'", "doses",
            "dose_per_kg_MBq IS NOT NULL"),
    Measure(10, "dose", "outlier", "dose_outlier", "compared", "dose_robust_z IS NOT NULL"),
    Measure(10, "dose", "no_weight", "dose_status = 'no_weight'", "nuclear", NUCLEAR),
    Measure(10, "dose", "no_activity", "dose_status = 'no_activity'", "nuclear", NUCLEAR),
    Measure(10, "dose", "unit_assumed", "activity_unit_assumed", "activities",
            "injected_activity_MBq IS NOT NULL"),
    Measure(11, "protocol", "unknown_scanner", "scanner_key IS NULL", "series", of="series"),
    Measure(12, "protocol", "deviates", "NOT protocol_is_majority", "fingerprinted",
            "protocol_fingerprint IS NOT NULL", of="series"),
    Measure(12, "protocol", "no_fingerprint", "protocol_fingerprint IS NULL", "series",
            of="series"),
    Measure(13, "derived", "any", "has_derived_objects", "studies"),
    _kind("seg", "SEG"), _kind("rtstruct", "RTSTRUCT"), _kind("sr", "SR"),
    _kind("rtdose", "RTDOSE"), _kind("rtplan", "RTPLAN"),
    _kind("highdicom", "highdicom"), _kind("qiicr", "QIICR"), _kind("ctp", "CTP"),
    Measure(14, "duplicates", "files", "rule = 'duplicate'", "files", of="findings"),
    Measure(14, "duplicates", "conflict", "rule = 'duplicate_conflict'", "files", of="findings"),
    Measure(14, "duplicates", "repeated", "repeated_acquisition", "series", of="series"),
    Measure(15, "composition", "pt_without_ct", _HAS.format("composition", "pt_without_ct"),
            "with_pt", _any_of("PT", "PET", "PET/CT")),
    Measure(15, "composition", "ct_without_pt", _HAS.format("composition", "ct_without_pt"),
            "with_ct", _any_of("CT", "PET/CT")),
    Measure(15, "composition", "many_series", _HAS.format("composition", "many_series"), "studies"),
    Measure(16, "criteria", "full", "qa_score = qa_score_max", "scored", "qa_score_max > 0"),
    Measure(16, "criteria", "half", "2 * qa_score < qa_score_max", "scored", "qa_score_max > 0"),
    Measure(17, "ct_dose", "header", "CTDIvol_max > 0 AND isfinite(CTDIvol_max)", "ct_series",
            "Modality = 'CT' AND NOT is_localizer",
            of="series"),
    Measure(17, "ct_dose", "report", "dose_sr_DLP_total_mGycm IS NOT NULL "
            "OR dose_sr_CTDIvol_max_mGy IS NOT NULL", "sr_series", "Modality = 'SR'", of="series"),
    _text(18, "removed", "PatientIdentityRemoved = 'YES'"),
    _text(18, "not_removed", "PatientIdentityRemoved = 'NO'"),
    _text(18, "not_said", "PatientIdentityRemoved IS NULL"),
    _text(18, "dates_modified", "LongitudinalTemporalInformationModified = 'MODIFIED'"),
    _text(18, "dates_removed", "LongitudinalTemporalInformationModified = 'REMOVED'"),
    _text(18, "method", "DeidentificationMethodCode IS NOT NULL"),
    Measure(18, "deidentification", "burned_in", "BurnedInAnnotation = 'YES'", "series",
            of="series"),
    Measure(18, "deidentification", "burned_in_not_said", "BurnedInAnnotation IS NULL", "series",
            of="series"),
)  # fmt: skip
BY_ID: Mapping[str, Measure] = {measure.id: measure for measure in MEASURES}
KEYS: tuple[str, ...] = tuple(dict.fromkeys(measure.key for measure in MEASURES))
"""Keys of the filters that measures are."""


STORED: Mapping[str, tuple[str, ...]] = {
    "timing_too_long": ("uptake_too_long",),
    "timing_conflict": ("timing_study_conflict",),
    "dose_implausible": ("dose_plausible_from", "dose_plausible_to"),
    "dose_outlier": ("dose_robust_z",),
    "dose_unit_assumed": ("activity_unit_below",),
    "composition_many_series": ("composition_many_series",),
}
"""Thresholds that decided the stored columns of a measure."""
UNITS: Mapping[str, str] = {
    **dict.fromkeys(("adherence_uptake_ideal", "adherence_uptake_early", "adherence_uptake_late",
                     "timing_too_long", "timing_conflict"), "min"),
    **dict.fromkeys(("adherence_dose_ideal", "adherence_dose_low", "adherence_dose_high",
                     "dose_implausible"), "MBq/kg"),
}  # fmt: skip
"""Units of the thresholds of measures."""


class Section(NamedTuple):
    """A part of the quality page: its name in texts, and its cards in the order of the page."""

    name: str
    cards: tuple[int, ...]


SECTIONS: tuple[Section, ...] = (
    Section("adherence", (1, 2, 3)),
    Section("cohort", (4, 5, 6, 7)),
    Section("completeness", (8,)),
    Section("timing", (9,)),
    Section("dose", (10, 17)),
    Section("composition", (15,)),
    Section("scanners", (11, 12)),
    Section("duplicates", (14,)),
    Section("derived", (13,)),
    Section("deidentification", (18,)),
    Section("score", (16,)),
)


def of_card(card: int) -> tuple[Measure, ...]:
    """The measures of a card, in their order."""
    return tuple(measure for measure in MEASURES if measure.card == card)


def section_of(card: int) -> str:
    """The name of the section that a card is in."""
    return next(section.name for section in SECTIONS if card in section.cards)


def is_measure(key: str, name: str) -> bool:
    """Whether a filter ``key=name`` is a measure."""
    return f"{key}_{name}" in BY_ID and BY_ID[f"{key}_{name}"].key == key


def conditions(of: Table) -> tuple[str, ...]:
    """The conditions that are counted over a table, each once; "true" counts all its rows."""
    wanted = ["true"]
    for measure in MEASURES:
        if measure.of == of:
            wanted += [measure.among or "true", measure.behind]
    return tuple(dict.fromkeys(wanted))


def counts(of: Table) -> str:
    """SQL of the list of columns that counts all measures of a table in one reading."""
    return ",\n".join(
        f"count(*) FILTER (WHERE {condition}) AS n_{number}"
        for number, condition in enumerate(conditions(of))
    )


def within_studies(condition: str, schema: str) -> str:
    """SQL over the columns of ``series`` that leaves those of the studies with a condition.

    ``schema`` is where the whole tables are.
    """
    return f"study_row IN (SELECT study_row FROM {schema}.studies WHERE {condition})"


def series_condition(measure: Measure, schema: str) -> str:
    """SQL over the columns of ``series`` of what a measure of series or findings counts."""
    if measure.of == "series":
        return measure.behind
    return f"{SERIES} IN (SELECT {SERIES} FROM {schema}.findings WHERE {measure.behind})"


def rule(measure: Measure) -> str:
    """The rule whose findings a measure counts; "" unless it is one of findings."""
    found = re.fullmatch(r"rule = '(\w+)'", measure.condition)
    return found[1] if found else ""


def rules() -> str:
    """SQL of the list of the rules whose findings are measures."""
    return ",\n".join(f"'{rule(one)}'" for one in MEASURES if one.of == "findings")


def needed(sql: str, thresholds: Mapping[str, float]) -> dict[str, float]:
    """The thresholds that a text of SQL names: DuckDB takes no others."""
    return {name: thresholds[name] for name in PARAMETER.findall(sql) if name in thresholds}


def chosen(pairs: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[Measure, ...]:
    """The measures among the chosen values of filters."""
    return tuple(
        BY_ID[f"{key}_{name}"] for key, names in pairs for name in names if is_measure(key, name)
    )
