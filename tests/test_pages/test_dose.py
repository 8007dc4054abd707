"""Doses: what counts as one irradiation, units, spreads by hand; files written by pydicom."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian
from streamlit.testing.v1 import AppTest

from app import queries
from app.charts import dose as charts
from app.dashboards import dose
from app.filters import MISSING, Filters
from app.i18n import LANGUAGES
from app.i18n import texts as language_texts
from app.queries import Databank
from app.ui import qa_rows
from tests.in_process import ingested
from tests.test_pages.browser import metrics, texts, visit

T = language_texts("en")
CLASSES = {
    "CT": "1.2.840.10008.5.1.4.1.1.2", "DX": "1.2.840.10008.5.1.4.1.1.1.1",
    "MG": "1.2.840.10008.5.1.4.1.1.1.2", "XA": "1.2.840.10008.5.1.4.1.1.12.1",
    "SR": "1.2.840.10008.5.1.4.1.1.88.67",
}  # fmt: skip
LOCALIZER = ["ORIGINAL", "PRIMARY", "LOCALIZER"]


def file(modality: str, study: int, series: int, number: int = 1, **attributes: Any) -> bytes:
    """An instance; study and series are numbers, attributes are keywords."""
    data = Dataset()
    data.SOPClassUID, data.Modality = CLASSES[modality], modality
    data.SOPInstanceUID = f"1.2.3.{study}.{series}.{number}"
    data.StudyInstanceUID, data.SeriesInstanceUID = f"1.2.3.{study}", f"1.2.3.{study}.{series}"
    data.SeriesNumber, data.InstanceNumber = series, number
    data.PatientID, data.Manufacturer, data.ManufacturerModelName = "P1", "ACME", "One"
    data.StudyDate, data.StudyDescription = f"2024010{study}", f"Study {study}"
    data.AcquisitionDate, data.AcquisitionTime = f"2024010{study}", f"08{series:02}{number:02}"
    if modality != "SR":
        data.Rows = data.Columns = 4
    for keyword, value in attributes.items():
        setattr(data, keyword, value)
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    target = io.BytesIO()
    data.save_as(target, enforce_file_format=True)
    return target.getvalue()


def coded(value: str, meaning: str = "x", scheme: str = "DCM") -> Sequence:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return Sequence([code])


def number(concept: str, value: float, unit: str) -> Dataset:
    item, measured = Dataset(), Dataset()
    measured.NumericValue = value
    measured.MeasurementUnitsCodeSequence = coded(unit, unit, "UCUM")
    item.RelationshipType, item.ValueType = "CONTAINS", "NUM"
    item.ConceptNameCodeSequence = coded(concept)
    item.MeasuredValueSequence = Sequence([measured])
    return item


def event() -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = "CONTAINS", "CONTAINER"
    item.ConceptNameCodeSequence = coded("113819")
    return item


def report(study: int, series: int, *items: Dataset) -> bytes:
    return file("SR", study, series, ContentSequence=Sequence(items))


THORAX: dict[str, Any] = {"ProtocolName": "Thorax", "KVP": 120, "AcquisitionNumber": 2}
CHEST: dict[str, Any] = {"ProtocolName": "Chest", "BodyPartExamined": "CHEST", "KVP": 120}
BREAST: dict[str, Any] = {"ViewPosition": "CC", "KVP": 28, "BodyPartThickness": 50}
FILES = (
    # Study 1: two reconstructions of one irradiation, a localizer, another irradiation.
    file("CT", 1, 1, SeriesDescription="soft", CTDIvol=6.4, **THORAX),
    file("CT", 1, 1, 2, SeriesDescription="soft", CTDIvol=6.4, **THORAX),
    file("CT", 1, 2, SeriesDescription="lung", CTDIvol=6.4, **THORAX),
    file("CT", 1, 3, CTDIvol=0.12, ImageType=LOCALIZER, ProtocolName="Thorax"),
    file("CT", 1, 4, CTDIvol=9.6, ProtocolName="Abdomen", KVP=120, AcquisitionNumber=3),
    # Study 2: one irradiation with a dose that varies, and a series that does not state any.
    file("CT", 2, 1, 1, CTDIvol=7.0, **THORAX),
    file("CT", 2, 1, 2, CTDIvol=8.0, **THORAX),
    file("CT", 2, 2, **THORAX),
    # Two versions of the report of study 1; one report of study 2; one of a projection.
    report(1, 8, number("113813", 300, "mGy.cm"), number("113830", 6.4, "mGy"), event()),
    report(1, 9, number("113813", 500, "mGy.cm"), number("113830", 9.6, "mGy"), event(), event()),
    report(2, 9, number("113813", 400, "mGy.cm"), number("113830", 8.0, "mGy"), event()),
    report(5, 9, number("113722", 0.00025, "Gy.m2")),
    # Study 3: four exposures, the first stored twice.
    file("DX", 3, 1, 1, ExposureIndex=200, TargetExposureIndex=200, DeviationIndex=0,
         PresentationIntentType="FOR PRESENTATION", ViewPosition="PA", **CHEST),
    file("DX", 3, 2, 1, ExposureIndex=200, TargetExposureIndex=200, DeviationIndex=0,
         PresentationIntentType="FOR PROCESSING", ViewPosition="PA", **CHEST,
         AcquisitionTime="080101"),
    file("DX", 3, 1, 2, ExposureIndex=400, TargetExposureIndex=200, DeviationIndex=3, **CHEST),
    file("DX", 3, 1, 3, ExposureIndex=100, TargetExposureIndex=200, DeviationIndex=-1, **CHEST),
    file("DX", 3, 1, 4, ExposureIndex=250, BodyPartExamined="HAND"),
    # Study 4: organ dose in dGy.
    file("MG", 4, 1, 1, OrganDose=0.013, CompressionForce=95, ImageLaterality="L", **BREAST),
    file("MG", 4, 1, 2, OrganDose=0.02, CompressionForce=110, ImageLaterality="R", **BREAST),
    # Study 5: dose area product in dGy cm2.
    file("XA", 5, 1, 1, ImageAndFluoroscopyAreaDoseProduct=25.0, ProtocolName="Coro"),
)  # fmt: skip


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the databank ``own``, read from FILES."""
    home = tmp_path_factory.mktemp("dose")
    folder = home / "files"
    folder.mkdir()
    for n, content in enumerate(FILES):
        (folder / str(n)).write_bytes(content)
    summary = ingested(folder, home / "databanks" / "own")
    assert (summary.ok, summary.error) == (len(FILES), 0)
    return home


def spread(own: Databank, source: str, measure: str, by: str) -> dict[str | None, list[Any]]:
    """Group -> n, of how many, median, quartiles, range; all together under the name ALL."""
    asked = dose.SOURCES[source]
    params = {"measure": measure, **asked.params(by)}
    found = queries.ask(own, f"{asked.question}_statistics", params=params)
    return {
        "ALL" if level == "all" else group: [round(v, 4) if v is not None else v for v in values]
        for level, group, *values in found.iter_rows()
    }


def test_totals(own: Databank) -> None:
    found = queries.ask(own, "dose_totals").row(0, named=True)
    assert found == {
        "ct_studies": 2, "ct_series": 6, "ct_localizers": 1, "ct_stated": 4, "ct_varying": 1,
        "ct_reports": 3, "ct_reported": 2, "projection_reports": 1, "radiography": 5,
        "mammography": 2, "fluoroscopy": 1,
    }  # fmt: skip
    assert dose.sources(found) == list(dose.SOURCES)
    assert dose.sources(dict.fromkeys(found, 0)) == []


def test_an_irradiation_counts_once(own: Databank) -> None:
    found = spread(own, "ct", "ctdivol", "protocol")
    # 6.4, 8.0 and 9.6: the quartiles lie half way between neighbours.
    assert found == {
        "ALL": [3, 3, 8.0, 7.2, 8.8, 6.4, 9.6],
        "Thorax": [2, 2, 7.2, 6.8, 7.6, 6.4, 8.0],
        "Abdomen": [1, 1, 9.6, 9.6, 9.6, 9.6, 9.6],
    }
    params = {"by": "protocol", "group": ""}
    rows = queries.ask(own, "dose_ct", params=params).sort("CTDIvol_max")
    assert rows.select("CTDIvol_max", "CTDIvol_min", "n_reconstructions").rows() == [
        (6.4, 6.4, 2), (8.0, 7.0, 1), (9.6, 9.6, 1),
    ]  # fmt: skip
    assert rows["SeriesDescription"][0] == "soft", "the reconstruction with the most images"


def test_one_report_for_each_study(own: Databank) -> None:
    assert spread(own, "ct_reports", "report_dlp", "study") == {
        "ALL": [2, 2, 450.0, 425.0, 475.0, 400.0, 500.0],
        "Study 1": [1, 1, 500.0, 500.0, 500.0, 500.0, 500.0],
        "Study 2": [1, 1, 400.0, 400.0, 400.0, 400.0, 400.0],
    }
    assert spread(own, "ct_reports", "report_ctdivol", "study")["ALL"][2] == 8.8


def test_reports_by_the_protocol_of_the_largest_ct_of_their_study(own: Databank) -> None:
    # Both studies have two images of Thorax in their largest series; the localizer never counts.
    assert spread(own, "ct_reports", "report_dlp", "protocol") == {
        "ALL": [2, 2, 450.0, 425.0, 475.0, 400.0, 500.0],
        "Thorax": [2, 2, 450.0, 425.0, 475.0, 400.0, 500.0],
    }
    only = Filters.of({"modality": ["SR"]})
    params = {"kind": "ct", "by": "protocol", "group": "Thorax"}
    assert queries.count(own, "dose_reports", only, params) == 2


def test_the_quality_page_tells_the_same_doses(own: Databank) -> None:
    app = visit("qa", databank="own")
    assert not app.exception
    tables = {frame.key: frame.value for frame in app.dataframe}
    images, reports = tables["table_qa_ct"], tables["table_qa_ct_reports"]
    names = ["n_ct", "header_median", "header_smallest", "header_largest"]
    assert images[names].values.tolist() == [[2, 7.2, 6.4, 8.0], [1, 9.6, 9.6, 9.6]]
    assert reports[["n_reports", "dlp_median", "report_median"]].values.tolist() == [[2, 450, 8.8]]
    assert str(app.button(key="qa_n_ct_dose_header").label) == "4", "of five without localizers"
    for kind, group, n in (("ct", "Thorax", 2), ("ct", "Abdomen", 1), ("ct_reports", "Thorax", 2)):
        app.session_state[qa_rows.SLOT] = qa_rows.Behind(17, kind=kind, value=group, of="series")
        app.run()
        assert not app.exception
        (rows,) = [f.value for f in app.dataframe if f.key == f"table_qa_rows_{kind}"]
        assert len(rows) == n, (kind, group)


def tab(source: str, **state: Any) -> AppTest:
    """The page with the tab of a source open, and its widgets as they are told."""
    app = visit("dose", databank="own")
    for key, value in {"dose_tabs": T(f"dose.{source}"), **state}.items():
        app.session_state[key] = value
    app.run()
    assert not app.exception
    return app


def test_a_group_shows_its_rows(own: Databank) -> None:
    app = tab("ct")
    app.selectbox(key="dose_ct_protocol_group").set_value("Abdomen").run()
    assert not app.exception
    assert list(app.dataframe[-1].value["CTDIvol_max"]) == [9.6]


def test_dose_area_products_are_in_one_unit_and_apart(own: Databank) -> None:
    # 25 dGy cm2 of the image are 2.5 Gy cm2; 0.00025 Gy m2 of the report are 2.5 Gy cm2.
    assert spread(own, "fluoroscopy", "dap", "protocol")["Coro"][:3] == [1, 1, 2.5]
    assert spread(own, "projection_reports", "report_dap", "study")["ALL"][:3] == [1, 1, 2.5]


def test_organ_dose_is_in_milligray(own: Databank) -> None:
    found = spread(own, "mammography", "organ_dose", "view")
    assert found["ALL"] == [2, 2, 1.65, 1.475, 1.825, 1.3, 2.0]
    assert (found["L CC"][2], found["R CC"][2]) == (1.3, 2.0)
    assert spread(own, "mammography", "compression", "view")["ALL"][2] == 102.5
    assert spread(own, "mammography", "entrance_dose", "view")["ALL"][:3] == [0, 2, None]


def test_deviation_index(own: Databank) -> None:
    params = {"kind": "radiography", "by": ""}
    found = queries.ask(own, "dose_exposures", params=params).row(0, named=True)
    assert {k: v for k, v in found.items() if v} == {
        "exposures": 4, "with_index": 4, "with_deviation": 3, "usual": 2, "comparable": 3,
        "differing": 1,
    }  # fmt: skip
    # 10 log10 of 1, 2 and 1/2.
    rows = queries.ask(own, "dose_images", params=params | {"group": ""})
    computed = rows["deviation_computed"]
    assert sorted(round(v, 4) for v in computed.drop_nulls()) == [-3.0103, 0.0, 3.0103]
    by_part = spread(own, "radiography", "exposure_index", "body_part")
    assert (by_part["CHEST"][:3], by_part["HAND"][:3]) == ([3, 3, 200.0], [1, 1, 250.0])


@pytest.mark.parametrize("source", dose.SOURCES)
def test_rows_sum_to_n(own: Databank, source: str) -> None:
    asked = dose.SOURCES[source]
    for by in asked.by:
        params = asked.params(by)
        n_rows = queries.count(own, asked.question, params={**params, "group": ""})
        for measure in asked.measures:
            found = spread(own, source, measure.name, by)
            groups = [row for name, row in found.items() if name != "ALL"]
            for name, row in found.items():
                group = {"ALL": ""}.get(name or "", name or MISSING)
                behind = queries.count(own, asked.question, params={**params, "group": group})
                assert behind == row[1], name
            assert found["ALL"][1] == n_rows == sum(row[1] for row in groups)
            assert found["ALL"][0] == sum(row[0] for row in groups)


def test_boxes_go_from_end_to_end() -> None:
    frame = pl.DataFrame(
        {
            "dose_group": ["<b>A</b>", None], "n": [3, 1], "smallest": [1.0, 5.0],
            "lower_quartile": [2.0, 5.0], "median": [3.0, 5.0], "upper_quartile": [4.0, 5.0],
            "largest": [9.0, 5.0],
        }
    )  # fmt: skip
    figure = charts.spreads(frame, T, "x", "#111111", (-1.0, 1.0))
    box = figure.data[0]
    assert (list(box.q1), list(box.median), list(box.q3)) == ([2, 5], [3, 5], [4, 5])
    assert (list(box.lowerfence), list(box.upperfence)) == ([1, 5], [9, 5])
    labels = list(figure.layout.yaxis.ticktext)
    assert labels == ["&lt;b&gt;A&lt;/b&gt; (3)", f"{T('missing')} (1)"]
    assert figure.layout.shapes[0].x0 == -1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page(own: Databank, language: str) -> None:
    t = language_texts(language)
    app = visit("dose", language, databank="own")
    assert not app.exception
    cards = metrics(app)
    assert cards[t("card.ct_reported")] == "2 / 2 (100 %)"
    assert cards[t("card.ct_stated")] == "4 / 5 (80 %)"
    assert cards[t("card.radiography_images")] == "5"
    assert cards[t("card.dose_median")] == "450 mGy·cm"
    for name, n in (("ct", 3), ("radiography", 4), ("mammography", 2), ("fluoroscopy", 1)):
        app.session_state["dose_tabs"] = t(f"dose.{name}")
        app.run()
        assert not app.exception, name
        assert t(f"dose.{name}_text") in texts(app)
        assert len(app.dataframe[-1].value) == n, name


def test_a_value_that_is_not_stated_says_so(own: Databank) -> None:
    entrance = dose.Measure("entrance_dose", "mGy")
    app = tab("mammography", dose_mammography_measure=entrance)
    assert T("dose.nowhere", n="2", measure="Entrance dose (mGy)") in texts(app)


def test_nothing_to_measure(own: Databank) -> None:
    app = visit("dose", databank="own", modality="PT")
    assert not app.exception
    assert not app.metric
