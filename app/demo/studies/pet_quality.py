"""PET whose headers hold one mistake each, and a scanner whose reconstruction was changed.

Series are short: three slices of PET and two of CT. Every number in `expect` was worked out by hand
from activity, weight, minutes and half-life (6586.2 s for fluorine-18), not by the product.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.demo.records import ABSENT, Attributes, Injection, Patient, Series, Study

NO_ACQUISITION: Final = {
    "AcquisitionDateTime": ABSENT, "AcquisitionDate": ABSENT, "AcquisitionTime": ABSENT,
}  # fmt: skip
_NO_DOSE: Final = {"RadionuclideTotalDose": ABSENT}
_NEW_RECONSTRUCTION: Final = {
    "ConvolutionKernel": "XYZ Gauss3.00", "ReconstructionMethod": "PSF+TOF 4i21s",
}  # fmt: skip
_UPDATED: Final = {"SoftwareVersions": "VG76A"}


def _pet(
    *injections: Injection,
    expect: Mapping[str, Any],
    changes: Attributes | None = None,
    at: float = 4.0,
) -> tuple[Series, ...]:
    """A short low-dose CT, and a short PET `at` minutes after the study's time."""
    return (
        Series("ct", "ct_attenuation", slices=2),
        Series("pet", "pet_wb", changes or {}, at=at, slices=3, injections=injections,
               expect=expect),
    )  # fmt: skip


# fmt: off
PET_QUALITY_PATIENTS: Final[tuple[Patient, ...]] = (
    Patient("Demo^Acorn", "M", "19620117", 1.75, 70.0, (
        Study("qa-hour-only", "biograph", "20240903", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 210e6, 64.0, "hh"), expect={
                "injection_status": "ok", "injection_date_inferred": False,
                "uptake_minutes": 64.0, "uptake_status": "ok", "dose_per_kg_MBq": 3.0,
                "activity_at_scan_MBq": 140.187, "decayed_percent": 33.2443,
                "suv_status": "ok", "suv_bw_factor": 4.993332e-04}),
            oddity="injection time is the hour alone: 09", expect={"qa_score": 5}),
        Study("qa-no-acquisition", "biograph", "20240905", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 217e6, 60.0), changes=NO_ACQUISITION, expect={
                "injection_status": "ok", "uptake_minutes": None, "uptake_status": "missing",
                "dose_per_kg_MBq": 3.1, "activity_at_scan_status": "no_uptake"}),
            oddity="no acquisition date and time",
            expect={"qa_score": 3, "acquisition_status": "missing"}),
        Study("qa-acquisition-text", "biograph", "20240910", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 224e6, 60.0), changes={"AcquisitionTime": "10h04"}, expect={
                "injection_status": "ok", "uptake_minutes": None, "uptake_status": "parse_fail",
                "dose_per_kg_MBq": 3.2, "activity_at_scan_status": "no_uptake"}),
            oddity="the acquisition time is 10h04",
            expect={"qa_score": 3, "acquisition_status": "parse_fail"}),
        Study("qa-time-after", "biograph", "20240912", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 196e6, -20.0, "time"), expect={
                "injection_status": "ok", "injection_date_inferred": True,
                "uptake_minutes": 1420.0, "uptake_status": "too_long", "shifted_days": None,
                "dose_per_kg_MBq": 2.8, "activity_at_scan_MBq": 0.025,
                "decayed_percent": 99.9872}),
            oddity="an injection time without date, 20 minutes after the acquisition: 23:40 h",
            expect={"qa_score": 4}),
    )),
    Patient("Demo^Birch", "F", "19570809", 1.66, 70.0, (
        Study("qa-own-offset", "biograph", "20240917", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 210e6, 64.0, "utc"), expect={
                "injection_date_inferred": False, "uptake_minutes": 64.0, "uptake_status": "ok",
                "dose_per_kg_MBq": 3.0, "activity_at_scan_MBq": 140.187}),
            changes={"TimezoneOffsetFromUTC": "+0200"},
            oddity="the injection is written in UTC, all else two hours ahead",
            expect={"qa_score": 5}),
        Study("qa-size-in-cm", "biograph", "20240919", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 203e6, 60.0), expect={
                "weight_kg": 70.0, "weight_status": "own", "dose_per_kg_MBq": 2.9,
                "bmi_kg_m2": None, "bmi_status": "implausible"}),
            changes={"PatientSize": 166}, oddity="PatientSize in centimetres",
            expect={"qa_score": 5}),
        Study("qa-weight-for-size", "biograph", "20240924", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 210e6, 60.0), expect={
                "weight_kg": 1.75, "weight_status": "own", "dose_per_kg_MBq": 120.0,
                "dose_status": "implausible", "dose_outlier": True, "bmi_kg_m2": None,
                "bmi_status": "implausible"}),
            changes={"PatientWeight": 1.75, "PatientSize": 70},
            oddity="weight and height stand in each other's place", expect={"qa_score": 5}),
        Study("qa-size-alone", "biograph", "20240926", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 210e6, 60.0), expect={
                "weight_kg": None, "weight_status": "missing", "dose_per_kg_MBq": None,
                "dose_status": "no_weight", "bmi_status": "no_weight", "suv_status": "no_weight",
                "activity_at_scan_MBq": 143.7729, "activity_at_scan_status": "ok"}),
            changes={"PatientWeight": ABSENT, "PatientSize": 70},
            oddity="a height of 70 and no weight", expect={"qa_score": 4}),
    )),
    Patient("Demo^Clover", "F", "19690523", 1.70, 72.0, (
        Study("qa-zero-weight", "biograph", "20241001", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 210e6, 60.0), expect={
                "weight_kg": None, "weight_status": "not_positive", "dose_per_kg_MBq": None,
                "dose_status": "no_weight", "bmi_status": "no_weight",
                "suv_status": "no_weight"}),
            changes={"PatientWeight": 0}, oddity="PatientWeight 0", expect={"qa_score": 4}),
        Study("qa-zero-weight-ct", "biograph", "20241002", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 210e6, 60.0), changes={"PatientWeight": 0}, expect={
                "weight_kg": 72.0, "weight_status": "study", "dose_per_kg_MBq": 2.916667,
                "dose_status": "ok", "bmi_kg_m2": 24.913495, "bmi_status": "ok"}),
            oddity="PatientWeight 0 in the PET, 72 in the CT", expect={"qa_score": 5}),
        Study("qa-weight-text", "biograph", "20241004", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 210e6, 60.0), expect={
                "weight_kg": None, "weight_status": "parse_fail", "dose_status": "no_weight"}),
            changes={"PatientWeight": "72 kg"}, oddity="PatientWeight with its unit",
            expect={"qa_score": 4}),
        Study("qa-no-size", "biograph", "20241007", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 223.2e6, 60.0), expect={
                "dose_per_kg_MBq": 3.1, "bmi_kg_m2": None, "bmi_status": "no_size"}),
            changes={"PatientSize": ABSENT}, oddity="no PatientSize", expect={"qa_score": 5}),
    )),
    Patient("Demo^Daisy", "F", "19480811", 1.60, 70.0, (
        Study("qa-zero-activity", "biograph", "20241008", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 0.0, 60.0), expect={
                "injected_activity_MBq": None, "activity_status": "not_positive",
                "activity_unit_assumed": None, "dose_status": "no_activity",
                "activity_at_scan_status": "no_activity", "suv_status": "no_activity",
                "uptake_minutes": 60.0}),
            oddity="an activity of 0", expect={"qa_score": 4}),
        Study("qa-activity-text", "biograph", "20241010", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 210e6, 60.0, changes={"RadionuclideTotalDose": "210 MBq"}), expect={
                "injected_activity_MBq": None, "activity_status": "parse_fail",
                "dose_status": "no_activity", "activity_at_scan_status": "no_activity"}),
            oddity="an activity with its unit", expect={"qa_score": 4}),
        Study("qa-neither", "biograph", "20241015", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 210e6, 60.0, changes=_NO_DOSE), expect={
                "activity_status": "missing", "weight_status": "missing",
                "dose_status": "neither", "suv_status": "no_weight"}),
            changes={"PatientWeight": ABSENT}, oddity="neither activity nor weight",
            expect={"qa_score": 3}),
        Study("qa-no-half-life", "biograph", "20241017", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 210e6, 60.0, changes={
                "RadionuclideHalfLife": ABSENT, "Radiopharmaceutical": ABSENT}), expect={
                "Radiopharmaceutical": "Fluorodeoxyglucose ^18^Fluorine",
                "dose_per_kg_MBq": 3.0, "activity_at_scan_MBq": None,
                "activity_at_scan_status": "no_half_life", "suv_status": "no_half_life"}),
            oddity="no half-life; the radiopharmaceutical as a code alone",
            expect={"qa_score": 5}),
    )),
    Patient("Demo^Elm", "M", "19510704", 1.78, 70.0, (
        Study("qa-outlier", "biograph", "20241022", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 441e6, 60.0), expect={
                "dose_per_kg_MBq": 6.3, "dose_status": "ok", "dose_robust_z": 22.2582,
                "dose_outlier": True, "suv_bw_factor": 2.318471e-04}),
            oddity="6.3 MBq/kg: plausible, and far from all others", expect={"qa_score": 5}),
        Study("qa-too-high", "biograph", "20241024", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 5.6e9, 60.0), expect={
                "injected_activity_MBq": 5600.0, "activity_unit_assumed": False,
                "dose_per_kg_MBq": 80.0, "dose_status": "implausible", "dose_outlier": True}),
            oddity="80 MBq/kg", expect={"qa_score": 5}),
        Study("qa-too-low", "biograph", "20241029", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 4.2e6, 60.0), expect={
                "injected_activity_MBq": 4.2, "activity_unit_assumed": False,
                "dose_per_kg_MBq": 0.06, "dose_status": "implausible", "dose_outlier": True}),
            oddity="0.06 MBq/kg", expect={"qa_score": 5}),
    )),
    Patient("Demo^Flint", "M", "19660228", 1.80, 75.0, (
        Study("qa-suv-pixels", "vision", "20241105", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 210e6, 60.0), changes={"Units": "GML"}, expect={
                "dose_per_kg_MBq": 2.8, "suv_status": "units", "suv_bw_factor": None,
                "activity_at_scan_MBq": 143.7729}),
            oddity="pixel values are SUV already"),
        Study("qa-admin", "vision", "20241107", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 225e6, 60.0), changes={"DecayCorrection": "ADMIN"}, expect={
                "dose_per_kg_MBq": 3.0, "suv_status": "ok", "suv_bw_factor": 3.333333e-04,
                "activity_at_scan_MBq": 154.0424}),
            oddity="decay corrected to the injection"),
        Study("qa-no-decay", "vision", "20241112", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 240e6, 60.0), changes={"DecayCorrection": "NONE"}, expect={
                "dose_per_kg_MBq": 3.2, "suv_status": "no_decay_correction",
                "suv_bw_factor": None, "activity_at_scan_MBq": 164.3119}),
            oddity="decay not corrected"),
    )),
    Patient("Demo^Ginkgo", "F", "19730930", 1.68, 60.0, (
        Study("drift-pet-1", "biograph", "20250107", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 186e6, 55.0), changes=_NEW_RECONSTRUCTION,
            expect={"dose_per_kg_MBq": 3.1, "uptake_minutes": 55.0,
                    "protocol_is_majority": False}),
            changes=_UPDATED, oddity="after an update: another kernel, more iterations",
            expect={"qa_score": 4}),
        Study("drift-pet-2", "biograph", "20250114", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 180e6, 75.0), changes=_NEW_RECONSTRUCTION,
            expect={"dose_per_kg_MBq": 3.0, "uptake_minutes": 75.0,
                    "protocol_is_majority": False}),
            changes=_UPDATED, expect={"qa_score": 4}),
        Study("drift-pet-3", "biograph", "20250121", "100000", "PET/CT FDG", _pet(
            Injection("FDG", 174e6, 50.0), changes=_NEW_RECONSTRUCTION,
            expect={"dose_per_kg_MBq": 2.9, "uptake_minutes": 50.0,
                    "protocol_is_majority": False}),
            changes=_UPDATED, expect={"qa_score": 4}),
        Study("qa-ct-alone", "biograph", "20250128", "100000", "PET/CT FDG", (
            Series("ct", "ct_attenuation", slices=2),
        ), changes=_UPDATED, oddity="a PET/CT without its PET",
            expect={"composition": ("ct_without_pt",)}),
        Study("qa-modality-pet", "umi", "20250130", "100000", "PET/CT FDG", (
            Series("ct", "ct_attenuation", slices=2),
            Series("pet", "pet_osem", {"Modality": "PET"}, at=4.0, slices=3,
                   injections=(Injection("FDG", 174e6, 62.0),),
                   expect={"is_radiopharmaceutical": True, "uptake_minutes": 62.0,
                           "dose_per_kg_MBq": 2.9}),
        ), oddity="a modality that the standard does not have", expect={"composition": ()}),
    )),
)
# fmt: on
