"""What is worked out of a series and its study: doses, times, ages, protocols, scores.

Every value has a column that says why it is missing, or what it rests on.  Formulas are Taglake's
own unless a source is named; thresholds are in ``ingest/derive/quality.toml`` and may be replaced
in a databank.  ``studies`` has the values of its representative series under the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from ingest.schema.attributes.notation import F, I, S
from ingest.schema.records import Column, Level

B = pl.Boolean()
TS = pl.Datetime("us")
LS = pl.List(pl.String)


def _column(
    name: str,
    dtype: pl.DataType,
    description: str,
    formula: str,
    *,
    unit: str = "",
    level: Level = "series",
    stable: bool = True,
) -> Column:
    return Column(name, dtype, description, unit, (formula,), level, stable=stable)


NUCLEAR_VALUES: tuple[Column, ...] = (
    _column("is_radiopharmaceutical", B, "Whether images of the series show a radiopharmaceutical",
            "Modality is PT or NM, or PET, SPECT, PET/CT, SPECT/CT, NM/CT as some systems write"),
    _column("injection_datetime", TS, "When the radiopharmaceutical was given, in the local time of the acquisition",
            "RadiopharmaceuticalStartDateTime, else RadiopharmaceuticalStartTime on the date of the "
            "acquisition, a day earlier if that is after it; offsets from UTC are allowed for where both are known"),
    _column("injection_status", S, "ok, missing or parse_fail; NULL without radiopharmaceutical",
            "whether there is an injection time that can be read"),
    _column("injection_date_inferred", B, "Whether the injection was moved to the day before the acquisition",
            "a time without date would have been after the acquisition"),
    _column("uptake_minutes", F, "From the injection to the first acquisition", "acquisition_datetime_min - injection_datetime",
            unit="minutes"),
    _column("uptake_status", S, "ok, missing, parse_fail, negative or too_long; NULL without radiopharmaceutical",
            "missing and parse_fail: injection or acquisition time; negative: below 0; too_long: above uptake.too_long"),
    _column("injected_activity_MBq", F, "Activity given", "RadionuclideTotalDose / 1e6, as MBq if below 10,000",
            unit="MBq"),
    _column("activity_status", S, "ok, missing, parse_fail or not_positive; NULL without radiopharmaceutical",
            "whether RadionuclideTotalDose is a positive number"),
    _column("activity_unit_assumed", B, "Whether the activity was taken as MBq because it cannot be Bq",
            "0 < RadionuclideTotalDose < 10,000"),
    _column("weight_kg", F, "Weight of the patient", "PatientWeight above 0, else the one that most other series of the study have, of several the smallest", unit="kg"),
    _column("weight_status", S, "own, study (from another series), missing, parse_fail or not_positive",
            "where weight_kg comes from, or why there is none"),
    _column("dose_per_kg_MBq", F, "Activity given per body weight", "injected_activity_MBq / weight_kg, to 12 decimals", unit="MBq/kg"),
    _column("dose_status", S, "ok, implausible, no_activity, no_weight or neither; NULL without radiopharmaceutical",
            "implausible: outside dose.plausible_from to dose.plausible_to"),
    _column("dose_robust_z", F, "Distance from the typical dose per weight",
            "abs(dose_per_kg_MBq - median) / (1.4826 * MAD) over the representative series with the same "
            "radiopharmaceutical (without case), where at least dose.robust_n of them have a value; NULL where "
            "MAD is 0, but of the median itself"),
    _column("dose_outlier", B, "Whether the dose per weight is far from the typical one", "dose_robust_z > dose.robust_z"),
    _column("activity_at_scan_MBq", F, "Activity that was left when the acquisition started",
            "injected_activity_MBq * exp(-ln 2 * 60 * uptake_minutes / RadionuclideHalfLife)", unit="MBq"),
    _column("decayed_percent", F, "Share of the activity that had decayed", "100 * (1 - activity_at_scan_MBq / injected_activity_MBq)",
            unit="%"),
    _column("activity_at_scan_status", S, "ok, no_activity, no_uptake (or negative) or no_half_life; NULL without radiopharmaceutical",
            "the first of them that is missing"),
    _column("suv_bw_factor", F, "What a pixel value in Bq/ml is multiplied with to give SUVbw",
            "1000 * weight_kg / (1e6 * activity, decayed to the start of the series, or the first acquisition if that is "
            "earlier; not decayed if DecayCorrection is ADMIN): PS3.3 C.8.9.1",
            unit="g/Bq"),
    _column("suv_status", S, "ok, units (not BQML), no_weight, no_activity, no_decay_correction, no_half_life, "
            "no_uptake (or negative); NULL unless PET", "the first that is missing"),
)  # fmt: skip

PATIENT_VALUES: tuple[Column, ...] = (
    _column("bmi_kg_m2", F, "Body mass index", "weight_kg / PatientSize^2", unit="kg/m2"),
    _column("bmi_status", S, "ok, no_weight, no_size or implausible", "implausible: PatientSize is not 0.2 to 2.5 m"),
    _column("PatientAge_years", F, "Age of the patient", "PatientAge (1 to 3 digits and D / 365.25, W * 7 / 365.25, M / 12 or Y), "
            "else completed years from PatientBirthDate to StudyDate", unit="years"),
    _column("age_status", S, "ok (PatientAge), birth_date, missing or parse_fail", "where PatientAge_years comes from"),
    _column("age_bucket", S, "0-17, 18-39, 40-59, 60-79 or 80+", "PatientAge_years"),
)  # fmt: skip

TIME_VALUES: tuple[Column, ...] = (
    _column("study_time_offset_minutes", F, "From the study time to the series time", "SeriesTime - StudyTime, with their dates "
            "where both have one", unit="minutes"),
    _column("study_time_status", S, "ok, no_study_time or no_series_time", "which of the two is missing"),
    _column("study_time_conflict", B, "Whether series and study times are far apart",
            "abs(study_time_offset_minutes) > timing.study_conflict"),
    _column("shifted_days", I, "Whole days by which the injection seems to be shifted against the acquisition",
            "whole days of uptake_minutes, rounded down, where they are not 0 and what remains is not above uptake.too_long", unit="days"),
)  # fmt: skip

PROTOCOL_VALUES: tuple[Column, ...] = (
    _column("scanner_key", S, "Pseudonym of the scanner, the same throughout the databank",
            "keyed hash of Manufacturer, ManufacturerModelName, DeviceSerialNumber and StationName", stable=False),
    _column("protocol_group", S, "What is compared with each other on a scanner: modality, radiopharmaceutical or name of the sequence",
            "Modality and Radiopharmaceutical for PT and NM, ProtocolName and SeriesDescription for CT and on scanners of "
            "GE, else ProtocolName, "
            "else SeriesDescription; then the kind of image in ImageType where it is derived or not a magnitude"),
    _column("protocol_fingerprint", S, "SHA-256 of the parameters of the acquisition",
            "name=value of the columns listed for the modality in ingest/derive/protocol.toml, numbers to 4 digits"),
    _column("protocol_status", S, "ok, no_fields (the modality has none) or empty (none has a value)", "whether there is a fingerprint"),
    _column("protocol_share", F, "Share of its scanner's series of this group with the same fingerprint",
            "n with the fingerprint / n in the group", unit=""),
    _column("protocol_is_majority", B, "Whether the fingerprint is the commonest of scanner and group",
            "ties: first seen, then the smallest fingerprint"),
)  # fmt: skip

SERIES_JUDGED: tuple[Column, ...] = (
    _column("representative_score", I, "How well the series stands for its study, 0 to 6",
            "3 (dose_per_kg_MBq) + 2 (uptake_minutes) + 1 (is_radiopharmaceutical)"),
    _column("is_representative", B, "Whether the series stands for its study",
            "highest representative_score; ties: most instances, earliest SeriesTime, lowest SeriesNumber, smallest SeriesInstanceUID"),
    _column("derived_kinds", LS, "Traces of derived objects and of their makers, ascending",
            "SEG, RTSTRUCT, RTDOSE, RTPLAN, SR, PR, KO by Modality; highdicom, QIICR by Manufacturer, ManufacturerModelName, "
            "SoftwareVersions or ImplementationVersionName; CTP by (0013,xx10), (0013,xx13), (0013,xx15)"),
    _column("acquisition_signature", S, "SHA-256 of what tells acquisitions apart",
            "patient, study date, modality, scanner, first and last acquisition, series description, image type, "
            "protocol fingerprint, matrix, slices and instances; NULL without time of acquisition", stable=False),
    _column("repeated_acquisition", B, "Whether another series has the same acquisition signature", "count of acquisition_signature > 1"),
)  # fmt: skip

SCORE_VALUES: tuple[Column, ...] = (
    _column("qa_score", I, "Criteria of quality that the study meets", "count of the criteria of its modality that are met", level="study"),
    _column("qa_score_max", I, "Criteria of quality there are for the study", "number of criteria in quality.toml, [score.*]", level="study"),
    _column("qa_missed", LS, "Criteria that are not met", "names of the criteria, as in quality.toml", level="study"),
)  # fmt: skip

STUDY_ROW = _column(
    "study_row", I, "Number of the study in the order of StudyInstanceUID, the same in series and studies: a number is "
    "compared faster than a UID", "dense rank of StudyInstanceUID, 0 for series without one", stable=False,
)  # fmt: skip
PLACES: tuple[Column, ...] = (
    STUDY_ROW,
    _column("equipment", S, "Maker, model and software of the scanner as one text",
            "Manufacturer · ManufacturerModelName · SoftwareVersions, a dash for what is missing"),
    _column("is_localizer", B, "Whether its images are localizers", "ImageType has LOCALIZER"),
    _column("is_derived", B, "Whether its images are made of others", "value 1 of ImageType is DERIVED: PS3.3 C.7.6.1.1.2"),
    _column("ct_irradiation", I, "Number of the irradiation that a CT series with a CTDIvol shows, the same for all reconstructions of it",
            "CT series of a study with the same AcquisitionNumber (else the same start, else each for itself), CTDIvol_max to 2 "
            "decimals and KVP; NULL for localizers", stable=False),
    _column("ct_reconstruction", I, "Place of the series among the reconstructions of its irradiation, of which the first counts",
            "original before derived images, most instances, lowest SeriesNumber, smallest SeriesInstanceUID"),
    _column("ct_protocol", S, "Protocol of the largest CT series of the study",
            "ProtocolName, else SeriesDescription, of the CT series with most instances, of several the largest "
            "SeriesInstanceUID; localizers are left out"),
)  # fmt: skip
"""What many questions ask of every series, worked out once."""

PLACES_MADE: Mapping[str, tuple[frozenset[str], str]] = {
    "is_localizer": (
        frozenset({"ImageType"}),
        "coalesce(list_contains(ImageType, 'LOCALIZER'), false)",
    ),
    "is_derived": (frozenset({"ImageType"}), "coalesce(upper(ImageType[1]) = 'DERIVED', false)"),
    "equipment": (
        frozenset({"Manufacturer", "ManufacturerModelName", "SoftwareVersions"}),
        "concat_ws(' · ', coalesce(Manufacturer, '—'), coalesce(ManufacturerModelName, '—'), "
        "coalesce(array_to_string(SoftwareVersions, ' '), '—'))",
    ),
}
"""Those that follow from the series alone: the columns they are made of, and the SQL over these."""

IRRADIATED = (
    "o.Modality = 'CT' AND o.CTDIvol_max > 0 AND isfinite(o.CTDIvol_max) AND NOT {is_localizer}"
)
"""Whether a series o shows an irradiation of CT. A value of 0 is none."""
IRRADIATION = (
    "o.StudyInstanceUID, round(o.CTDIvol_max, 2), o.KVP, o.AcquisitionNumber, "
    "CASE WHEN o.AcquisitionNumber IS NULL THEN o.acquisition_datetime_min END, "
    "CASE WHEN o.StudyInstanceUID IS NULL "
    "OR o.AcquisitionNumber IS NULL AND o.acquisition_datetime_min IS NULL "
    "THEN o.SeriesInstanceUID END"
)
"""What the series of one irradiation have in common."""
RECONSTRUCTIONS = "{is_derived}, o.n_instances DESC, o.SeriesNumber NULLS LAST, o.SeriesInstanceUID"
"""The order in which they stand for it."""
CT_PROTOCOL = (
    "arg_max(coalesce(o.ProtocolName, o.SeriesDescription), (o.n_instances, o.SeriesInstanceUID))"
)
"""The protocol of the largest of several series o."""

SERIES_QUALITY: tuple[Column, ...] = (
    *PLACES, *NUCLEAR_VALUES, *PATIENT_VALUES, *TIME_VALUES, *PROTOCOL_VALUES, *SERIES_JUDGED, *SCORE_VALUES,
)  # fmt: skip
"""Columns of ``series`` beside those that come from instances."""

OF_REPRESENTATIVE: tuple[Column, ...] = (
    *NUCLEAR_VALUES, *PATIENT_VALUES, *TIME_VALUES, *PROTOCOL_VALUES,
)  # fmt: skip
"""What a study has of its representative series."""

STUDY_QUALITY: tuple[Column, ...] = (
    replace(STUDY_ROW, level="study"),
    _column("representative_SeriesInstanceUID", S, "The series that stands for the study", "series.is_representative", level="study"),
    _column("Modality", S, "Modality of the representative series", "series.Modality", level="study"),
    _column("Manufacturer", S, "Maker of the representative series' scanner", "series.Manufacturer", level="study"),
    _column("ManufacturerModelName", S, "Model of the representative series' scanner", "series.ManufacturerModelName", level="study"),
    _column("SoftwareVersions", LS, "Software of the representative series' scanner", "series.SoftwareVersions", level="study"),
    _column("Radiopharmaceutical", S, "Radiopharmaceutical of the representative series", "series.Radiopharmaceutical", level="study"),
    _column("acquisition_status", S, "ok, missing or parse_fail: the acquisition time of the representative series",
            "whether acquisition_datetime_min is there", level="study"),
    *OF_REPRESENTATIVE,
    *SCORE_VALUES,
    _column("composition", LS, "What is odd about the modalities of the study, ascending",
            "pt_without_ct, ct_without_pt (only studies whose description or other series speak of PET/CT), many_series (> composition.many_series)",
            level="study"),
    _column("has_derived_objects", B, "Whether any series is a derived object", "derived_kinds of any series", level="study"),
)  # fmt: skip

PROTOCOLS: tuple[Column, ...] = (
    _column("scanner_key", S, "Pseudonym of the scanner", "series.scanner_key", level="lake", stable=False),
    _column("protocol_group", S, "What is compared with each other", "series.protocol_group", level="lake"),
    _column("protocol_fingerprint", S, "SHA-256 of the parameters", "series.protocol_fingerprint", level="lake"),
    _column("Modality", S, "Modality", "series.Modality", level="lake"),
    _column("Manufacturer", S, "Maker of the scanner", "series.Manufacturer", level="lake"),
    _column("ManufacturerModelName", S, "Model of the scanner", "series.ManufacturerModelName", level="lake"),
    _column("SoftwareVersions", LS, "All software versions it was seen with, ascending", "series.SoftwareVersions", level="lake"),
    _column("n_series", I, "Series", "count", unit="series", level="lake"),
    _column("n_studies", I, "Studies", "count of distinct StudyInstanceUID", unit="studies", level="lake"),
    _column("first_seen", TS, "First acquisition, else study date", "min of acquisition_datetime_min", level="lake"),
    _column("last_seen", TS, "Last acquisition, else study date", "max of acquisition_datetime_min", level="lake"),
    _column("share", F, "Share of the scanner's series in this group", "n_series / n_series of scanner and group", level="lake"),
    _column("is_majority", B, "Whether it is the commonest of scanner and group", "ties: first seen, then the smallest fingerprint", level="lake"),
    _column("example_StudyInstanceUID", S, "Study of the first series with it", "first_seen, then smallest SeriesInstanceUID", level="lake"),
    _column("example_SeriesInstanceUID", S, "The first series with it", "first_seen, then smallest SeriesInstanceUID", level="lake"),
    _column("parameters", LS, "Its parameters as name=value, ascending", "what the fingerprint is made of", level="lake"),
    _column("differs", LS, "Parameters in which it differs from the majority of scanner and group, ascending",
            "beyond the tolerances of ingest/derive/protocol.toml; empty for the majority", level="lake"),
)  # fmt: skip
"""Columns of the derived table ``protocols``: a row for each scanner, group and fingerprint."""
