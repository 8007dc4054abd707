"""Series told by physics and by their study alone, without any name; BIDS entities; parts."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from ingest.mr import classification, classify

GRE: dict[str, Any] = {"ScanningSequence": "GR", "SequenceVariant": "SP", "MRAcquisitionType": "3D"}


def rows(*given: dict[str, Any]) -> pl.DataFrame:
    """The cleaned rows of headers."""
    return classify(pl.DataFrame(list(given), infer_schema_length=None))


def test_saturation_is_measured_by_images_that_differ_in_angle_and_repetition() -> None:
    density = {**GRE, "StudyInstanceUID": "1", "RepetitionTime": 35, "FlipAngle": 9, "EchoTime": 3}
    relaxed = {**density, "RepetitionTime": 15, "FlipAngle": 15}
    elsewhere = {**relaxed, "StudyInstanceUID": "2"}
    made = rows(density, relaxed, elsewhere)
    assert made["bids_suffix"].to_list() == ["MTS", "MTS", "T1w"]
    assert made["sequenceClass"].to_list() == ["PD_GRE_SPOILED", *["T1_GRE_SPOILED"] * 2]


@pytest.mark.parametrize(("thickness", "kind"), [(20, "LOCALIZER"), (5, "T1_SE")])
def test_slices_thicker_than_anatomy_are_a_localizer(thickness: float, kind: str) -> None:
    spin = {"ScanningSequence": "SE", "MRAcquisitionType": "2D", "SliceThickness": thickness}
    made = rows({**spin, "RepetitionTime": 200, "EchoTime": 20, "MagneticFieldStrength": 3})
    assert made["sequenceClass"].to_list() == [kind]


def test_fast_gradient_echoes_in_thick_slices_are_a_localizer_but_not_balanced_ones() -> None:
    fast = {"ScanningSequence": "GR", "SequenceVariant": "SP", "MRAcquisitionType": "2D",
            "RepetitionTime": 8, "EchoTime": 4, "FlipAngle": 20, "SliceThickness": 8}  # fmt: skip
    made = rows(fast, {**fast, "SequenceName": "*tfi2d1"})
    assert made["sequenceClass"].to_list()[0] == "LOCALIZER"
    assert made["sequenceClass"].to_list()[1] != "LOCALIZER"


def test_a_long_gradient_train_is_echo_planar_and_a_short_echo_of_it_is_spin_labelling() -> None:
    train = {"Manufacturer": "Philips", "ScanningSequence": "GR", "MRAcquisitionType": "2D",
             "EchoTrainLength": 39, "RepetitionTime": 4500, "FlipAngle": 90}  # fmt: skip
    made = rows({**train, "EchoTime": 15}, {**train, "EchoTime": 30}, {**train, "EchoTime": 3})
    assert made["sequenceClass"].to_list()[:2] == ["ASL", "fMRI_BOLD"]
    assert made["sequenceFamily"].to_list()[:2] == ["EPI", "EPI"]
    assert made["sequenceFamily"].to_list()[2] != "EPI"


def test_one_volume_with_the_timing_of_many_is_their_reference() -> None:
    epi = {"ScanningSequence": "EP", "SequenceName": "epfid2d1_64", "StudyInstanceUID": "1",
           "EchoTime": 30, "RepetitionTime": 2000, "n_slice_positions": 30}  # fmt: skip
    made = rows({**epi, "n_instances": 30}, {**epi, "n_instances": 3000})
    assert made["bids_suffix"].to_list() == ["sbref", "bold"]


def test_magnetisation_transfer_of_the_standard() -> None:
    made = rows({"EchoPulseSequence": "GRADIENT", "MagnetizationTransfer": "OFF_RESONANCE",
                 "EchoTime": 3, "RepetitionTime": 300, "FlipAngle": 15})  # fmt: skip
    assert made["bids_suffix"].to_list() == ["MTS"]


def test_phase_encoding_is_a_direction_of_the_patient() -> None:
    epi = {"ScanningSequence": "EP", "SequenceName": "epfid2d1_64", "EchoTime": 30,
           "RepetitionTime": 2000, "ImageOrientationPatient": [1, 0, 0, 0, 1, 0]}  # fmt: skip
    sign = "csa_PhaseEncodingDirectionPositive"
    made = rows(
        {**epi, "InPlanePhaseEncodingDirection": "COL", sign: 1},
        {**epi, "InPlanePhaseEncodingDirection": "COL", sign: 0},
        {**epi, "InPlanePhaseEncodingDirection": "COLUMN", sign: 1},
        {**epi, "InPlanePhaseEncodingDirection": "ROW", sign: 1},
        {**epi, "InPlanePhaseEncodingDirection": "COL"},
        {**epi, "SeriesDescription": "bold_PA"},
    )
    said = made["bids_entities"].to_list()
    assert said == ["dir-AP", "dir-PA", "dir-AP", "dir-RL", None, "dir-PA"]


def test_two_inversion_images_are_numbered() -> None:
    image = {**GRE, "ScanningSequence": "GR\\IR", "SeriesDescription": "mp2rage", "EchoTime": 3,
             "RepetitionTime": 5000, "FlipAngle": 4}  # fmt: skip
    made = rows({**image, "InversionTime": 700}, {**image, "InversionTime": 2500})
    assert made["bids_suffix"].to_list() == ["MP2RAGE", "MP2RAGE"]
    assert made["bids_entities"].to_list() == ["inv-1", "inv-2"]


def test_parts_give_what_the_whole_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    series = pl.DataFrame([
        {**GRE, "StudyInstanceUID": None if i % 7 == 0 else str(i % 5), "SeriesNumber": i,
         "RepetitionTime": 15 + 20 * (i % 2), "FlipAngle": 15 - 6 * (i % 2), "EchoTime": 3.0,
         "ContrastBolusAgent": "gadobutrol" if i % 3 == 0 else None, "SeriesDescription": f"s{i}"}
        for i in range(60)
    ], infer_schema_length=None)  # fmt: skip
    whole = classify(series)
    monkeypatch.setattr(classification, "AT_ONCE", 13)
    assert classify(series).equals(whole)
