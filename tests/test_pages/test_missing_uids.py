"""Instances that lack a UID are counted, listed and opened like all others."""

from __future__ import annotations

import io
from pathlib import Path

import pydicom
import pytest

from app import queries
from app.filters import NONE, Filters
from app.queries import Databank
from ingest.lake import databank
from tests.in_process import ingested
from tests.test_pages import dicom_files
from tests.test_pages.browser import metrics, visit


@pytest.fixture
def odd(new_home: Path, tmp_path: Path) -> Databank:
    """Four instances: whole, without a series, without a study, without either."""
    source = tmp_path / "source"
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
    root = databank.path_of("odd")
    summary = ingested(source, root)
    assert (summary.ok, summary.error) == (4, 0)
    return Databank(root)


def test_numbers_add_up_without_uids(odd: Databank) -> None:
    for filters in (NONE, Filters.of({"modality": ["CT"]})):
        totals = queries.ask(odd, "totals", filters).row(0, named=True)
        studies, series = (queries.ask(odd, name, filters) for name in ("studies", "series"))
        assert totals["studies"] == studies.height == 2
        assert totals["series"] == series.height == studies["n_series"].sum() == 4
        assert totals["instances"] == series["n_instances"].sum() == 4


def test_series_without_uids_are_opened(odd: Databank) -> None:
    app = visit("study", databank="odd", study="none")
    assert not app.exception
    assert metrics(app)["Series"] == "2"
    for study in ("1.2.3", "none"):
        app = visit("series", databank="odd", study=study, series="none")
        assert not app.exception
        assert metrics(app)["Instances"] == "1"
        assert len(app.dataframe[0].value) > 10
