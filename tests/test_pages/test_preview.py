"""Pictures of instances: pixels as pydicom has them, bounds, reasons, and no path on the page."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.pixels import apply_modality_lut, apply_windowing, pixel_array
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGLosslessSV1,
    RLELossless,
)
from streamlit.testing.v1 import AppTest

from app.demo import cohort_series
from app.demo.writer import written_instances
from app.i18n import LANGUAGES
from app.i18n import texts as language_texts
from app.preview import original, pixels
from app.preview import picture as preview
from app.preview.original import Place, Unavailable
from app.preview.picture import Picture
from app.preview.pixels import NoPicture, Reason
from ingest.lake import databank
from tests.in_process import ingested
from tests.test_pages.browser import texts, visit

UID = "1.2.3.4"
SYNTAX = {"explicit": ExplicitVRLittleEndian, "implicit": ImplicitVRLittleEndian}


def image(values: Any, syntax: str = ExplicitVRLittleEndian, **attributes: Any) -> bytes:
    """A file whose pixels are ``values``: (rows, columns), (frames, rows, columns), or colour."""
    pixels = np.asarray(values)
    colour = attributes.get("SamplesPerPixel", 1) > 1
    frames = pixels.ndim == (4 if colour else 3)
    rows, columns = pixels.shape[1:3] if frames else pixels.shape[:2]
    bits = pixels.dtype.itemsize * 8
    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID, data.Modality = CTImageStorage, UID, "CT"
    data.Rows, data.Columns, data.SamplesPerPixel = rows, columns, 1
    data.BitsAllocated = data.BitsStored = bits
    data.HighBit, data.PixelRepresentation = bits - 1, int(pixels.dtype.kind == "i")
    data.PhotometricInterpretation = "MONOCHROME2"
    if frames:
        data.NumberOfFrames = pixels.shape[0]
    for keyword, value in attributes.items():
        setattr(data, keyword, value)
    big = syntax == ExplicitVRBigEndian
    data.PixelData = pixels.astype(pixels.dtype.newbyteorder(">" if big else "<")).tobytes()
    data["PixelData"].VR = "OW" if bits > 8 else "OB"
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian if syntax == RLELossless else syntax
    data.file_meta.MediaStorageSOPClassUID = CTImageStorage
    data.file_meta.MediaStorageSOPInstanceUID = UID
    if syntax == RLELossless:
        data.compress(RLELossless, generate_instance_uid=False)
    file = io.BytesIO()
    data.save_as(file, enforce_file_format=True)
    return file.getvalue()


def pixels_of(picture: Picture) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture.png)))


def shown(data: bytes, **options: Any) -> np.ndarray:
    return pixels_of(preview.picture(data, UID, **options))


def reason(data: bytes, uid: str = UID) -> str:
    with pytest.raises(NoPicture) as caught:
        preview.picture(data, uid)
    return caught.value.reason


RAMP = np.arange(0, 256, dtype=np.uint16).reshape(16, 16) * 10


@pytest.mark.parametrize(
    "syntax",
    [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless,
     DeflatedExplicitVRLittleEndian],
)  # fmt: skip
def test_all_encodings_give_the_same_picture(syntax: str) -> None:
    window = {"WindowCenter": 1280, "WindowWidth": 2000}
    expected = shown(image(RAMP, **window))
    assert expected.min() == 0
    assert expected.max() == 255
    np.testing.assert_array_equal(shown(image(RAMP, syntax, **window)), expected)


def test_a_file_without_meta_information_is_drawn() -> None:
    for name, syntax in SYNTAX.items():
        data = image(RAMP, syntax, WindowCenter=1280, WindowWidth=2000)
        length = 144 + int.from_bytes(data[140:144], "little")
        np.testing.assert_array_equal(shown(data[length:]), shown(data), err_msg=name)


def test_windows_by_hand() -> None:
    values = np.array([[-1000, 0], [40, 3000]], np.int16)
    # black 40 - 0.5 - 399 / 2 = -160, white 239: 0 is 160 / 399 of the way
    data = image(values, WindowCenter=[40, 500], WindowWidth=[400, 2000])
    assert shown(data).tolist() == [[0, 102], [128, 255]]
    exact = image(values, WindowCenter=40, WindowWidth=400, VOILUTFunction="LINEAR_EXACT")
    assert preview.picture(exact, UID).window == (-160.0, 240.0, True)
    inverse = image(
        values, WindowCenter=40, WindowWidth=400, PhotometricInterpretation="MONOCHROME1"
    )
    assert shown(inverse).tolist() == [[255, 153], [127, 0]]
    rescaled = image(
        np.array([[0, 1024], [1064, 4024]], np.uint16), WindowCenter=40, WindowWidth=400,
        RescaleSlope=1, RescaleIntercept=-1024,
    )  # fmt: skip
    assert shown(rescaled).tolist() == [[0, 102], [128, 255]]


@pytest.mark.parametrize(
    "window",
    [{}, {"WindowCenter": 40, "WindowWidth": 0}, {"WindowCenter": 99999, "WindowWidth": 10},
     {"WindowCenter": None, "WindowWidth": 100}],
)  # fmt: skip
def test_without_a_usable_window_percentiles_are_taken(window: dict[str, Any]) -> None:
    found = preview.picture(image(RAMP, **window), UID).window
    assert found is not None
    assert not found.from_header
    np.testing.assert_allclose(found[:2], np.percentile(RAMP, (1, 99)))


def test_padding_does_not_count_and_one_value_is_no_error() -> None:
    values = RAMP.astype(np.int16)
    values[:8] = -2000
    padded = preview.picture(image(values, PixelPaddingValue=-2000), UID).window
    assert padded is not None
    np.testing.assert_allclose(padded[:2], np.percentile(values[8:], (1, 99)))
    flat = preview.picture(image(np.full((4, 4), 7, np.uint8)), UID)
    assert flat.window == (7.0, 7.0, False)
    nearly = np.zeros((32, 32), np.uint8)
    nearly[0, 0] = 200
    assert shown(image(nearly)).max() == 255


def test_colours() -> None:
    values = np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5
    rgb = {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 0}
    np.testing.assert_array_equal(shown(image(values, **rgb)), values)
    ybr = image(values, **rgb | {"PhotometricInterpretation": "YBR_FULL"})
    np.testing.assert_array_equal(shown(ybr), pixel_array(io.BytesIO(ybr)))
    entries = np.array([0, 255, 128, 64], np.uint16) << 8
    descriptor = [4, 0, 16]
    palette = {
        f"{colour}PaletteColorLookupTable{what}": value
        for n, colour in enumerate(("Red", "Green", "Blue"))
        for what, value in (
            ("Descriptor", descriptor),
            ("Data", np.roll(entries, n).astype("<u2").tobytes()),
        )
    }
    indices = np.array([[0, 1], [2, 3]], np.uint8)
    drawn = shown(image(indices, PhotometricInterpretation="PALETTE COLOR", **palette))
    table = [np.roll([0, 254, 127, 63], n) for n in range(3)]
    assert drawn.tolist() == [[[t[i] for t in table] for i in row] for row in indices.tolist()]


def test_frames_and_their_own_window() -> None:
    frames = np.stack([np.full((4, 4), n, np.uint8) for n in range(5)])
    frames[:, 0, 0] = 100
    groups = []
    for n in range(5):
        item, voi, shift = Dataset(), Dataset(), Dataset()
        voi.WindowCenter, voi.WindowWidth = 10 * n + 50, 100
        shift.RescaleSlope, shift.RescaleIntercept = 1, n
        item.FrameVOILUTSequence, item.PixelValueTransformationSequence = [voi], [shift]
        groups.append(item)
    data = image(frames, PerFrameFunctionalGroupsSequence=groups)
    middle = preview.picture(data, UID)
    assert (middle.frame, middle.frames) == (3, 5)
    assert middle.window == (20.0, 119.0, True)
    assert pixels_of(middle)[0, 0] == round((102 - 20) / 99 * 255)
    assert preview.picture(data, UID, frame=1).window == (0.0, 99.0, True)
    assert preview.picture(data, UID, frame=99).frame == 5


def test_pixels_are_square_and_pictures_small() -> None:
    tall = shown(image(RAMP, PixelSpacing=[2.0, 0.5]))
    assert tall.shape == (64, 16)
    wide = shown(image(RAMP, PixelAspectRatio=[1, 3]))
    assert wide.shape == (16, 48)
    assert shown(image(RAMP, PixelSpacing=[0, 0])).shape == (16, 16)
    big = preview.picture(image(np.zeros((100, 5000), np.uint8)), UID)
    assert pixels_of(big).shape == (round(100 * 1024 / 5000), preview.SIDE)


def test_reasons() -> None:
    data = image(RAMP)
    assert reason(data, "9.9") == "other_instance"
    assert reason(b"") == "not_dicom"
    assert reason(b"just text" * 100) in ("not_dicom", "damaged", "no_image")
    empty = pydicom.dcmread(io.BytesIO(data))
    del empty.PixelData
    file = io.BytesIO()
    empty.save_as(file)
    assert reason(file.getvalue()) == "no_image"
    huge = image(RAMP, Rows=20_000, Columns=20_000)
    assert reason(huge) == "too_many_pixels"
    assert reason(image(RAMP, Rows=0)) == "no_image"
    assert reason(image(RAMP, Rows=17)) == "damaged", "less data than pixels"


def test_a_compression_without_a_decoder_has_a_name() -> None:
    data = pydicom.dcmread(io.BytesIO(image(RAMP)))
    data.file_meta.TransferSyntaxUID = JPEGLosslessSV1
    data.PixelData = pydicom.encaps.encapsulate([b"\xff\xd8\xff\xd9"])
    data["PixelData"].VR = "OB"
    data["PixelData"].is_undefined_length = True
    file = io.BytesIO()
    data.save_as(file, enforce_file_format=True)
    with pytest.raises(NoPicture) as caught:
        preview.picture(file.getvalue(), UID)
    assert caught.value.reason == "syntax"
    assert "JPEG Lossless" in caught.value.syntax


def test_bombs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pixels, "MAX_BYTES", 100_000)
    data = image(RAMP, DeflatedExplicitVRLittleEndian)
    length = 144 + int.from_bytes(data[140:144], "little")
    pack = zlib.compressobj(wbits=-15)
    bomb = data[:length] + pack.compress(bytes(10_000_000)) + pack.flush()
    assert reason(bomb) == "too_large"
    monkeypatch.setattr(pixels, "MAX_ITEMS", 10)
    assert reason(image(RAMP, PerFrameFunctionalGroupsSequence=[Dataset()] * 11)) == "too_large"


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, RLELossless])
def test_a_file_cut_anywhere_gives_a_picture_or_a_reason(syntax: str) -> None:
    data = image(RAMP, syntax, WindowCenter=10, WindowWidth=20)
    assert len(data) < 1500
    outcomes = set()
    for end in range(0, len(data), 3):
        try:
            preview.picture(data[:end], UID)
            outcomes.add("picture")
        except NoPicture as refused:
            outcomes.add(refused.reason)
    assert {"damaged", "no_image", "not_dicom"} <= outcomes


def demo(*modalities: str) -> list[tuple[str, bytes]]:
    """The first instance of the first series of each modality in the demo cohort."""
    found: dict[str, bytes] = {}
    for it in cohort_series():
        kind = it.protocol.modality
        if kind in modalities and kind not in found and not it.series.damage:
            found[kind] = next(written_instances(it)).content
        if len(found) == len(modalities):
            break
    return list(found.items())


def test_the_demo_is_drawn_as_pydicom_would() -> None:
    files = demo("MR", "CT", "CR", "MG", "DX", "NM", "US")
    assert len(files) == 7
    for modality, data in files:
        header = pydicom.dcmread(io.BytesIO(data))
        picture = preview.picture(data, header.SOPInstanceUID)
        values = pixel_array(header, index=picture.frame - 1)
        if values.ndim == 3:
            np.testing.assert_array_equal(pixels_of(picture), values, err_msg=modality)
            continue
        assert picture.window is not None
        assert picture.window.from_header, modality
        output = apply_windowing(apply_modality_lut(values, header), header)
        low, high = output.min(), output.max()
        bits = int(header.BitsStored)
        slope, intercept = (
            float(header.get(k, d)) for k, d in (("RescaleSlope", 1), ("RescaleIntercept", 0))
        )
        low, high = intercept, (2**bits - 1) * slope + intercept
        expected = (output - low) / (high - low) * 255
        if header.PhotometricInterpretation == "MONOCHROME1":
            expected = 255 - expected
        drawn = pixels_of(picture).astype(float)
        if drawn.shape == expected.shape:
            np.testing.assert_allclose(drawn, expected, atol=1.0, err_msg=modality)


# where the bytes come from


def place(path: Path | str, container: Path | None = None, size: int | None = None) -> Place:
    status = (container or Path(path)).stat()
    return Place(
        str(path), str(container) if container else None,
        status.st_size if size is None else size, status.st_mtime_ns,
    )  # fmt: skip


def why(where: Place, **options: Any) -> str:
    with pytest.raises(Unavailable) as caught:
        original.read(where, **options)
    assert "/" not in str(caught.value)
    return caught.value.reason


def test_a_plain_file(tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    path.write_bytes(b"content")
    where = place(path)
    assert original.read(where) == (b"content", False)
    assert why(where, most=6) == "too_large"
    os.utime(path, ns=(0, 10**18))
    assert original.read(where) == (b"content", True)
    path.unlink()
    assert why(where) == "absent"
    os.mkfifo(path)
    assert why(where) == "absent", "a FIFO would wait for ever"
    assert why(where._replace(uri=str(path / "below"))) == "absent"
    assert why(where._replace(uri="\0")) == "unreadable"


def test_members_of_archives(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as inner:
        inner.writestr("x/a", b"first")
        inner.writestr("x/b", b"second" * 1000)
        with pytest.warns(UserWarning, match="Duplicate name"):
            inner.writestr("x/b", b"third")
    plain = tmp_path / "one.zip"
    plain.write_bytes(packed.getvalue())
    assert original.read(place(f"{plain}!/x/a", plain, 5)) == (b"first", False)
    assert original.read(place(f"{plain}!/x/b", plain)).data == b"second" * 1000
    assert original.read(place(f"{plain}!/x/b#2", plain)).data == b"third"
    assert why(place(f"{plain}!/x/c", plain)) == "not_in_archive"
    assert why(place(f"{plain}!/x/b", plain), most=5999) == "too_large"
    assert why(place(f"{plain}!/x/b", plain), seconds=0) == "archive_slow"

    nested = tmp_path / "two.tar.gz"
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        info = tarfile.TarInfo("inner.zip")
        info.size = len(packed.getvalue())
        tar.addfile(info, io.BytesIO(packed.getvalue()))
    nested.write_bytes(gzip.compress(content.getvalue()))
    where = place(f"{nested}!/inner.zip!/x/a", nested)
    assert original.read(where) == (b"first", False)
    os.utime(nested, ns=(0, 10**18))
    assert original.read(where).changed
    nested.write_bytes(nested.read_bytes()[:50])
    assert why(where) in ("not_in_archive", "unreadable")
    nested.write_bytes(b"no archive any more")
    assert why(where) == "not_in_archive"


# on the page

STUDY, SERIES = "1.2.3", "1.2.3.4"


@pytest.fixture(scope="module")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The databank ``lake`` of one series of two images, and their files once more in ``kept``."""
    folder = tmp_path_factory.mktemp("pictures")
    source = folder / "secret-folder"
    source.mkdir()
    for n in range(2):
        data = pydicom.dcmread(io.BytesIO(image(RAMP)))
        data.StudyInstanceUID, data.SeriesInstanceUID = STUDY, SERIES
        data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = f"{SERIES}.{n}"
        data.InstanceNumber, data.SeriesDescription = n, "Pictures"
        data.BurnedInAnnotation = "YES" if n else "NO"
        data.save_as(source / f"{n}.dcm", enforce_file_format=True)
    shutil.copytree(source, folder / "kept")
    summary = ingested(source, folder / "lake")
    assert summary.ok == 2
    return folder


@pytest.fixture
def pictures(pictured: Path, new_home: Path) -> Path:
    """The databank ``pictures`` and its files as they were read; gives the folder of the files."""
    source = pictured / "secret-folder"
    shutil.rmtree(source)
    shutil.copytree(pictured / "kept", source)
    shutil.copytree(pictured / "lake", databank.path_of("pictures"))
    return source


def again(app: AppTest, language: str = "en") -> AppTest:
    """Run with the picture's tab open; AppTest forgets which tab is open."""
    app.session_state["series_tabs"] = language_texts(language)("series.picture")
    return app.run()


def at_picture(language: str = "en", **address: str) -> AppTest:
    app = visit("series", language, databank="pictures", study=STUDY, series=SERIES, **address)
    return again(app, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_picture_is_drawn_when_it_is_asked_for(pictures: Path, language: str) -> None:
    t = language_texts(language)
    app = at_picture(language)
    assert not app.exception
    assert t("preview.hint") in texts(app)
    assert t("preview.burned_in") in texts(app), "the middle instance says so"
    assert not app.get("image")
    app.button(key="preview_show").click()
    again(app, language)
    assert not app.exception
    assert len(app.get("image")) == 1
    assert t("preview.percentiles", black="25.5", white="2524.5") in texts(app)
    assert "secret-folder" not in texts(app)


def test_what_is_gone_or_changed_is_a_sentence(pictures: Path) -> None:
    t = language_texts("en")
    os.utime(pictures / "1.dcm", ns=(0, 10**18))
    app = at_picture()
    app.button(key="preview_show").click()
    again(app)
    assert t("preview.changed") in texts(app)
    app.slider[0].set_value(1)
    again(app)
    assert t("preview.changed") not in texts(app)
    (pictures / "0.dcm").unlink()
    again(app)
    assert len(app.get("image")) == 1, "kept from before"
    assert "secret-folder" not in texts(app)


def test_an_absent_file_is_a_sentence(pictures: Path) -> None:
    for file in pictures.iterdir():
        file.unlink()
    app = at_picture()
    app.button(key="preview_show").click()
    again(app)
    assert not app.exception
    assert language_texts("en")("preview.absent") in [w.value for w in app.warning]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_a_sentence(language: str) -> None:
    from typing import get_args

    from app.ui import preview as page

    t = language_texts(language)
    for reason in (*get_args(Reason), *get_args(original.Reason)):
        refused = NoPicture(reason, "JPEG <b>") if reason == "syntax" else Unavailable(reason)
        told = page.sentence(t, refused)
        assert len(told) > 5
        assert "{" not in told
        assert "<b>" not in told
