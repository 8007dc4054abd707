"""Instances that lack a UID are counted, listed and opened like all others."""

from __future__ import annotations

import io
from pathlib import Path

import pydicom
import pytest

from app import queries
from app.filters import NONE, Filters
from app.queries import Databank
from tests.in_process import ingested
from tests.test_pages import dicom_files
from tests.test_pages.browser import metrics, visit


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the databank ``own`` of four instances, three of which lack UIDs.

    One is without a series, one without a study, one without either.
    """
    home = tmp_path_factory.mktemp("uids")
    source = home / "source"
    source.mkdir()
    lacking = (
        (),
        ("SeriesInstanceUID",),
        ("StudyInstanceUID",),
        ("StudyInstanceUID", "SeriesInstanceUID"),
    )
    for n, keywords in enumerate(lacking):
        data = pydicom.dcmread(io.BytesIO(dicom_files.content(n, 1)))
        for keyword in keywords:
            delattr(data, keyword)
        data.save_as(source / str(n), enforce_file_format=True)
    summary = ingested(source, home / "databanks" / "own")
    assert (summary.ok, summary.error) == (4, 0)
    return home


def test_numbers_add_up_without_uids(own: Databank) -> None:
    for filters in (NONE, Filters.of({"modality": ["CT"]})):
        totals = queries.ask(own, "totals", filters).row(0, named=True)
        studies, series = (queries.ask(own, name, filters) for name in ("studies", "series"))
        assert totals["studies"] == studies.height == 2
        assert totals["series"] == series.height == studies["n_series"].sum() == 4
        assert totals["instances"] == series["n_instances"].sum() == 4


def test_series_without_uids_are_opened(own: Databank) -> None:
    app = visit("study", databank="own", study="none")
    assert not app.exception
    assert metrics(app)["Series"] == "2"
    for study in ("1.2.3", "none"):
        app = visit("series", databank="own", study=study, series="none")
        assert not app.exception
        assert metrics(app)["Instances"] == "1"
        assert len(app.dataframe[0].value) > 10
