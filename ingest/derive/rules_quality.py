"""The rules about quality: doses, times, weights, protocols, composition and de-identification.

Their rows all come from one file of SQL, because all of them look at the quality values, which are
made anew for the whole lake each time.  Thresholds are those of ``quality.toml``.
"""

from __future__ import annotations

from functools import partial

from ingest.derive.rule import Rule

QA = "Taglake, ingest/derive/quality.toml"
_rule = partial(Rule, sql="quality", stage="lake")

QUALITY: tuple[Rule, ...] = (
    _rule(
        "activity_unit_assumed", "warning", "series",
        "Activity taken as MBq",
        "The activity is too small to be Bq for a patient and is taken as MBq (series of "
        "{affected}).",
        f"PS3.3 C.8.9.2, {QA}",
        "Radionuclide Total Dose of series with a radiopharmaceutical, above 0 and below "
        "activity.unit_below. PET states Bq; older NM systems write MBq.",
    ),
    _rule(
        "activity_not_positive", "warning", "series",
        "Activity is 0 or negative",
        "The activity is not above 0, so it is no measurement (series of {affected}).",
        "PS3.3 C.8.9.2",
        "Radionuclide Total Dose of series with a radiopharmaceutical.",
    ),
    _rule(
        "weight_not_positive", "warning", "series",
        "Weight is 0 or negative",
        "The weight is not above 0, so it is no measurement (series of {affected}).",
        "PS3.3 C.7.2.2",
        "Patient's Weight of all series.",
    ),
    _rule(
        "uptake_negative", "warning", "series",
        "Acquired before the injection",
        "The acquisition starts before the injection (series of {affected}).",
        "PS3.3 C.8.9.2, QIBA FDG-PET/CT Profile",
        "Series with a radiopharmaceutical that have both times. Time zones are allowed for.",
    ),
    _rule(
        "uptake_too_long", "warning", "series",
        "Uptake time is very long",
        "The acquisition starts very long after the injection (series of {affected}).",
        f"QIBA FDG-PET/CT Profile, {QA}",
        "Series with a radiopharmaceutical that have both times, above uptake.too_long. May be "
        "right for nuclides with a long half-life.",
    ),
    _rule(
        "injection_date_inferred", "info", "series",
        "Injection taken to be on the day before",
        "The injection has a time and no date, and is taken to be on the day before the "
        "acquisition, which is at an earlier time of day (series of {affected}).",
        "PS3.3 C.8.9.2",
        "Series with Radiopharmaceutical Start Time and no Start DateTime.",
    ),
    _rule(
        "dose_implausible", "warning", "series",
        "Activity per weight is not plausible",
        "The activity per body weight is not plausible (series of {affected}).",
        QA,
        "Series with a radiopharmaceutical, an activity and a weight, outside dose.plausible_from "
        "to dose.plausible_to.",
    ),
    _rule(
        "dose_outlier", "warning", "series",
        "Activity per weight is an outlier",
        "The activity per body weight is far from that of other studies (series of {affected}).",
        "Iglewicz and Hoaglin, How to detect and handle outliers, 1993",
        "Doses whose robust z is above dose.robust_z, among studies with the same "
        "radiopharmaceutical where dose.robust_n have one. Not those that are implausible already.",
    ),
    _rule(
        "activity_without_weight", "warning", "series",
        "Activity without weight",
        "There is an activity and no weight in the whole study (series of {affected}).",
        "PS3.3 C.7.2.2, QIBA FDG-PET/CT Profile",
        "Series with a radiopharmaceutical. Neither dose per weight nor SUV can be had.",
    ),
    _rule(
        "weight_without_activity", "info", "series",
        "Weight without activity",
        "There is a weight and no activity (series of {affected}).",
        "PS3.3 C.8.9.2",
        "Series with a radiopharmaceutical.",
    ),
    _rule(
        "study_time_conflict", "warning", "series",
        "Series and study times are far apart",
        "The times of series and study are far apart (series of {affected}).",
        f"PS3.3 C.7.2.1, PS3.3 C.7.3.1, {QA}",
        "Series with a Series Time and a Study Time, more than timing.study_conflict apart. Not "
        "derived objects, which are made when they are made.",
    ),
    _rule(
        "dates_shifted", "warning", "lake",
        "Dates are shifted inconsistently",
        "Many delays from injection to acquisition are negative or off by whole days, as after a "
        "de-identification that shifted dates by different amounts ({affected}).",
        f"PS3.15 E.3.6, {QA}",
        "The databank as a whole: studies with an uptake time from Radiopharmaceutical Start "
        "DateTime. At least timing.shifted_n of them and a share of timing.shifted_share.",
        counts="studies",
    ),
    _rule(
        "pt_without_ct", "warning", "study",
        "PET without CT",
        "There is PET and neither CT nor MR, so nothing to correct attenuation with (study of "
        "{affected}).",
        "PS3.3 C.8.9.1",
        "Studies with PET series. A series called PET/CT is both.",
    ),
    _rule(
        "ct_without_pt", "warning", "study",
        "PET/CT without PET",
        "Descriptions speak of PET/CT and there is CT only (study of {affected}).",
        "PS3.3 C.7.2.1",
        "Studies with CT series and none of PET whose description, or that of a series, says "
        "PET/CT.",
    ),
    _rule(
        "many_series", "info", "study",
        "Very many series",
        "The study has very many series (study of {affected}).",
        QA,
        "Studies with more series than composition.many_series.",
    ),
    _rule(
        "protocol_deviates", "info", "series",
        "Not the usual protocol of the scanner",
        "The parameters are not those that the scanner mostly has for this kind of series (series "
        "of {affected}).",
        "Taglake, ingest/derive/protocol.toml",
        "Series with a protocol fingerprint, compared with those of the same scanner and group. "
        "Not where they differ within the tolerances only.",
    ),
    _rule(
        "repeated_acquisition", "info", "series",
        "The same acquisition twice",
        "Another series looks like the same acquisition (series of {affected}).",
        "PS3.3 C.7.3.1",
        "Series with equal acquisition signatures and different UIDs, as after sending or "
        "de-identifying twice.",
    ),
    _rule(
        "burned_in_annotation", "warning", "series",
        "Text is burned into the image",
        "Images say that text is burned into their pixels, which may identify the patient (series "
        "of {affected}).",
        "PS3.3 C.7.6.1, PS3.15 E.3.1",
        "Burned In Annotation YES in any instance. Images that do not say are not meant.",
    ),
    _rule(
        "identity_not_removed", "info", "series",
        "Identity is removed elsewhere in the study only",
        "Other series of the study say that identity was removed, and this one does not (series of "
        "{affected}).",
        "PS3.15 E.1",
        "Studies in which some series have Patient Identity Removed YES.",
    ),
)  # fmt: skip
