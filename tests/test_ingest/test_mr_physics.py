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
    orders = [series, series.sort("StudyInstanceUID"), series.drop("StudyInstanceUID"),
              series.with_columns(StudyInstanceUID=pl.lit("one"))]  # fmt: skip
    wholes = [classify(frame) for frame in orders]
    monkeypatch.setattr(classification, "AT_ONCE", 13)
    for frame, whole in zip(orders, wholes, strict=True):
        assert classify(frame).equals(whole)


def test_a_study_is_in_one_part_and_a_row_without_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classification, "AT_ONCE", 2)

    def parts(*studies: str | None) -> list[list[int]]:
        column = pl.Series("StudyInstanceUID", studies, pl.String)
        cut = classification._parts(column.to_frame())
        numbers = pl.int_range(len(studies), eager=True)
        return [numbers[rows].to_list() for rows in cut]

    assert parts("a", "a", "b", "b", "b", "c", None, None) == [[0, 1], [2, 3, 4], [5], [6, 7]]
    assert len(parts(*[None] * 8)) == 4
    assert parts(*["a"] * 8) == [[*range(8)]]
    apart = parts("a", None, "b", "a", None, "b")  # not together: still a study in one part
    assert sorted(row for rows in apart for row in rows) == [*range(6)]
    assert all((0 in rows) == (3 in rows) and (2 in rows) == (5 in rows) for rows in apart)


DIFFUSION: dict[str, Any] = {
    "ScanningSequence": "EP", "SequenceName": "*ep_b0", "EchoTime": 104, "RepetitionTime": 3500,
    "StudyInstanceUID": "1", "ImageType": "ORIGINAL\\PRIMARY\\DIFFUSION\\NONE\\ND",
}  # fmt: skip
MOSAIC = "ORIGINAL\\PRIMARY\\DIFFUSION\\NONE\\ND\\MOSAIC"


def test_a_diffusion_program_without_directions_is_the_reverse_of_one_with() -> None:
    named = {"SeriesDescription": "DTI_30_PA"}
    made = rows(
        {**DIFFUSION, **named},
        {**DIFFUSION, "SeriesDescription": "DTI_30", "ImageType": MOSAIC},
        {**DIFFUSION, **named, "EchoTime": 90},
        {**DIFFUSION, **named, "StudyInstanceUID": "2", "ImageType": MOSAIC},
    )
    assert made["bids_suffix"].to_list() == ["epi", "dwi", "dwi", "dwi"]
    # of b-values nothing is said, so none that could be a reverse of another is sure
    assert made["classConfidence"].to_list()[2] < 0.8
    assert made["classConfidence"].to_list()[3] < 0.8


def test_b_values_settle_what_a_name_leaves_open() -> None:
    made = rows(
        {**DIFFUSION, "SeriesDescription": "dwi_PA", "b_value_values": [0.0, 1000.0]},
        {**DIFFUSION, "SeriesDescription": "dwi_PA", "b_value": 0.0, "StudyInstanceUID": "2"},
    )
    assert made["bids_suffix"].to_list() == ["dwi", "epi"]
    assert made["classConfidence"][0] >= 0.8


def test_a_few_volumes_against_the_way_of_many_undo_their_distortion() -> None:
    bold = {"ScanningSequence": "EP", "SequenceName": "epfid2d1_64", "StudyInstanceUID": "1",
            "EchoTime": 30, "RepetitionTime": 2000, "n_slice_positions": 30}  # fmt: skip
    sign = "csa_PhaseEncodingDirectionPositive"
    long, short = {**bold, "n_instances": 9000}, {**bold, "n_instances": 150}
    made = rows({**long, sign: 1}, {**short, sign: 0}, {**short, sign: 1})
    assert made["bids_suffix"].to_list() == ["bold", "epi", "bold"]
    assert made["sequenceClass"].to_list()[1] == "FIELD_MAP"


def test_one_slice_at_a_time_is_the_reference_of_many() -> None:
    bold = {"ScanningSequence": "EP", "SequenceName": "epfid2d1_104", "StudyInstanceUID": "1",
            "EchoTime": 37, "RepetitionTime": 800}  # fmt: skip
    many = {**bold, "ImageType": "ORIGINAL\\PRIMARY\\M\\MB\\ND\\MOSAIC"}
    one = {**bold, "ImageType": "ORIGINAL\\PRIMARY\\M\\ND\\MOSAIC"}
    made = rows(many, one, {**one, "StudyInstanceUID": "2"})
    assert made["bids_suffix"].to_list() == ["bold", "sbref", "bold"]


def test_two_close_echoes_with_one_phase_are_a_field_map() -> None:
    echo = {"ScanningSequence": "GR", "SequenceVariant": "SP", "MRAcquisitionType": "2D",
            "RepetitionTime": 488, "FlipAngle": 60, "StudyInstanceUID": "1",
            "ImageType": "ORIGINAL\\PRIMARY\\M\\ND"}  # fmt: skip
    phase = {"ImageType": "ORIGINAL\\PRIMARY\\P\\ND"}
    pair = [{**echo, "EchoTime": 4.92}, {**echo, "EchoTime": 7.38}]
    made = rows(*pair, {**echo, "EchoTime": 7.38, **phase})
    assert made["bids_suffix"].to_list() == ["magnitude1", "magnitude2", "phasediff"]
    # a phase image of each echo may be of anything, and echoes far apart are of T2*
    each = rows(*pair, *({**one, **phase} for one in pair))
    apart = rows(pair[0], {**echo, "EchoTime": 14.0, **phase})
    assert "FIELD_MAP" not in {*each["sequenceClass"], *apart["sequenceClass"]}


def test_three_inversion_times_or_angles_measure_and_two_do_not() -> None:
    inversion = {"ScanningSequence": "SE\\IR", "RepetitionTime": 2500, "EchoTime": 12,
                 "StudyInstanceUID": "1"}  # fmt: skip
    angle = {**GRE, "RepetitionTime": 5, "EchoTime": 2, "StudyInstanceUID": "1"}
    times = [{**inversion, "InversionTime": ti} for ti in (400, 800, 1200)]
    angles = [{**angle, "FlipAngle": degrees} for degrees in (15, 20, 25)]
    assert set(rows(*times)["sequenceClass"]) == {"UNKNOWN"}
    assert set(rows(*angles)["sequenceClass"]) == {"UNKNOWN"}
    assert set(rows(*times[:2])["sequenceClass"]) == {"T1_SE"}
    assert set(rows(*angles[:2])["sequenceClass"]) == {"T1_GRE_SPOILED"}


def test_images_of_two_inversion_times_are_of_one_acquisition() -> None:
    image = {**GRE, "ScanningSequence": "GR\\IR", "SequenceName": "*tfl3d1", "EchoTime": 3,
             "RepetitionTime": 5000, "FlipAngle": 4, "StudyInstanceUID": "1"}  # fmt: skip
    made = rows({**image, "InversionTime": 700}, {**image, "InversionTime": 2500})
    assert made["bids_suffix"].to_list() == ["MP2RAGE", "MP2RAGE"]


@pytest.mark.parametrize("nucleus", ["23NA", "31P", "129XE"])
def test_other_nuclei_are_of_no_class(nucleus: str) -> None:
    header = {**GRE, "SeriesDescription": "t1_fl3d", "EchoTime": 3, "RepetitionTime": 20}
    made = rows({**header, "ImagedNucleus": nucleus}, {**header, "ImagedNucleus": "1H"})
    assert made["sequenceClass"].to_list() == ["UNKNOWN", "T1_GRE_SPOILED"]


def test_flow_that_is_measured_is_not_an_angiogram() -> None:
    velocity = {"ScanningSequence": "GR", "SequenceVariant": "SP", "PhaseContrast": "YES",
                "EchoTime": 3, "RepetitionTime": 40, "FlipAngle": 20}  # fmt: skip
    made = rows(
        {**velocity, "MRAcquisitionType": "2D"},
        {**velocity, "MRAcquisitionType": "3D", "SeriesDescription": "4D_FLOW"},
        {**velocity, "MRAcquisitionType": "3D", "SeriesDescription": "PC angio"},
    )
    assert made["sequenceClass"].to_list() == ["UNKNOWN", "UNKNOWN", "MRA"]
