"""Uploads: told by their bytes, named by us, kept no longer than asked, and known again."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import tarfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import jobs, queries
from app.i18n import texts as language_texts
from app.jobs import contents, launch, record, uploads
from app.queries import Databank
from app.ui import job_result, upload
from ingest.lake import databank
from ingest.lake.errors import DatabankNotWritable
from tests.in_process import ingested
from tests.test_pages import dicom_files
from tests.test_pages.browser import go, metrics, texts, visit
from tests.test_pages.test_jobs import COUNTS, LONG_AGO, NAME, alive, folder_of, wait

T = language_texts("en")
PROGRAM = b"MZ\x90\x00" + bytes(124)
ZIP = ("patients.zip", dicom_files.archive(), "application/zip")


def one(data: bytes, name: str = "a.dcm", into: str = "x", **options: Any) -> Path:
    return uploads.keep(into, [(name, io.BytesIO(data))], **options)


def packed() -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"))
    return target.getvalue()


@pytest.mark.slow
def test_an_uploaded_archive_is_ingested_from_the_page_and_then_removed(new_home: Path) -> None:
    app = visit("ingest")
    app.segmented_control(key="way").set_value("upload").run()
    app.file_uploader[0].set_value([ZIP]).run()
    assert "1 archive · " in texts(app)
    app.button(key="start").click().run()
    assert not app.exception
    assert T("ingest.started") in texts(app)
    [job] = jobs.latest(5)
    assert (job.kind, job.databank) == ("upload", "patients")
    job = wait(job.name)
    go(app, "ingest")
    assert T("job.done") in texts(app)
    assert T("job.upload_gone") in texts(app)
    cards = metrics(app)
    assert [cards[T(f"card.{name}")] for name in COUNTS] == [str(n) for n in COUNTS.values()]
    told = T("job.adds_up", **{name: str(n) for name, n in COUNTS.items()})
    assert told in texts(app)
    links = {link.label: link.proto.query_string for link in app.page_link}
    assert links[T("ingest.open_studies")] == "databank=patients"
    assert links[T("ingest.open_reasons")] == f"databank=patients&run={job.run_id}"
    assert not any(menu.key.startswith("again_") for menu in app.get("menu_button") if menu.key)
    go(app, "studies")
    assert metrics(app)["Studies"] == "1"
    assert not list((new_home / "uploads").rglob("*.zip"))


@pytest.mark.slow
def test_the_same_upload_again_is_known(new_home: Path) -> None:
    root = databank.path_of("x")
    folder = uploads.keep("x", [("a.zip", io.BytesIO(ZIP[1]))])
    first = ingested(folder, root)
    uploads.release(folder)
    assert not folder.exists()
    again = uploads.keep("x", [("a.zip", io.BytesIO(ZIP[1]))], for_good=True)
    assert again == folder
    second = ingested(again, root)
    assert (first.seen, first.ok, second.unchanged, second.ok) == (7, 5, 7, 0)
    assert queries.ask(Databank(root), "totals")["instances"].item() == 5


def test_garbage_is_refused_and_not_stored(new_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch.subprocess, "Popen", lambda *_, **__: SimpleNamespace(wait=int))
    app = visit("ingest")
    app.segmented_control(key="way").set_value("upload").run()
    garbage = [("scan.dcm", PROGRAM, ""), ("b.dcm", b"%PDF-1.7", ""), ("c", b"\x7fELF", "")]
    app.file_uploader[0].set_value(garbage).run()
    assert T("ingest.refused", kinds="programs (2), PDF (1)") in texts(app)
    app.button(key="start").click().run()
    assert T("ingest.all_refused") in texts(app)
    assert jobs.latest() == []
    assert not (new_home / "uploads").exists()
    app.file_uploader[0].set_value([*garbage, ("../../notes.txt", b"hello", "")]).run()
    assert T.count("unknown_files", 1) in texts(app)
    app.button(key="start").click().run()
    [job] = jobs.latest()
    assert [path.name for path in Path(job.sources[0]).iterdir()] == ["00001-notes.txt"]
    assert job.databank == "notes.txt"
    if os.name != "nt":
        assert stat.S_IMODE((new_home / "uploads").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (dicom_files.content(1, 1), "dicom"),
        (PROGRAM + b"DICM", "program"),
        (b"II*\x00".ljust(128, b"\0") + b"DICM", "dicom"),  # a TIFF that is DICOM, too
        (b"\x08\x00\x05\x00\x0a\x00\x00\x00ISO_IR 100", "unknown"),  # DICOM without its beginning
        (b"", "unknown"),
        (b"just text", "unknown"),
        (b"#!/bin/sh\n", "program"),
        (b"%PDF-1.4", "pdf"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image"),
        (b"\x00\x00\x00\x18ftypmp42", "video"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office"),
        (b"Rar!\x1a\x07\x01\x00", "rar"),
        (ZIP[1], "archive"),
        (packed(), "archive"),
        (gzip.compress(b"x", mtime=0), "archive"),  # the time would part the names of two runs
        (bz2.compress(b"x"), "archive"),
        (lzma.compress(b"x"), "archive"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "archive"),
    ],
)
def test_contents(head: bytes, kind: str) -> None:
    assert contents.content(head[: contents.HEAD]) == kind
    assert kind in (*contents.REFUSED, *upload.TAKEN)
    name = f"ingest.refused_{kind}" if kind in contents.REFUSED else f"count.{kind}_files.one"
    assert name in T.entries


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TAGLAKE_HOME", str(tmp_path / "not" / "there"))
    chosen = upload.told([SimpleNamespace(size=10**9, seek=int, read=lambda _: b"")] * 3)
    assert upload.problem(T, chosen) == ""
    monkeypatch.setattr(upload, "MOST_BYTES", 2 * 10**9)
    said = T("ingest.too_large", size="3.0 GB", most="2.0 GB")
    assert upload.problem(T, chosen) == said
    monkeypatch.setattr(upload, "MOST_BYTES", 10**10)
    free = 2 * 10**9
    monkeypatch.setattr(uploads.shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert uploads.lacking(3 * 10**9) == 10**9 + uploads.RESERVE
    assert uploads.lacking(10**9) == 0
    assert upload.problem(T, chosen) == T("ingest.no_room", size="1.3 GB")
    assert upload.problem(T, upload.told([])) == T("ingest.need_source")


def test_a_full_disk_leaves_nothing_behind(new_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Breaking(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(28, "No space left on device")

    with pytest.raises(DatabankNotWritable, match="full"):
        uploads.keep("x", [("a", io.BytesIO(b"1")), ("b", Breaking())])
    assert not [path for path in (new_home / "uploads").rglob("*") if path.is_file()]


def test_a_path_is_told_by_the_contents(new_home: Path) -> None:
    first = one(b"1", "../../etc/pass wd")
    assert [path.name for path in first.iterdir()] == ["00001-pass_wd"]
    assert (first / "00001-pass_wd").stat().st_mtime_ns == 0
    assert one(b"1", "pass wd") == first
    assert len({first, one(b"2", "pass wd"), one(b"1", "other"), one(b"1", "pass wd", "y")}) == 4
    uploads.give([first], "renamed")
    other = one(b"1", "pass wd")
    assert other != first, "that is of another databank by now"
    assert one(b"1", "pass wd") == other


def test_uploads_go_when_nobody_needs_them(new_home: Path) -> None:
    shared = one(b"1")
    place = folder_of(NAME, {"kind": "upload", "sources": [str(shared)], "started": LONG_AGO})
    with alive(place):
        uploads.release(shared)
        assert shared.exists()
        uploads.release(shared, besides=NAME)
    assert not shared.exists()
    assert not shared.parent.exists()
    kept = one(b"1", for_good=True)
    assert one(b"1") == kept
    uploads.release(kept)
    assert kept.exists(), "it was to be kept once"
    uploads.give([kept], "x")
    uploads.discard(kept)
    assert list((new_home / "uploads").iterdir()) == []
    mine = new_home / "mine" / "a" / "b"
    mine.mkdir(parents=True)
    uploads.release(mine)
    uploads.discard(mine)
    assert mine.exists(), "what is not an upload is never removed"


def test_deleting_a_databank_removes_what_was_kept_for_it(new_home: Path) -> None:
    kept = one(b"1", for_good=True)
    uploads.forget(new_home / "databanks" / "x")
    assert not kept.exists()
    assert list((new_home / "uploads").iterdir()) == []


def test_uploads_of_a_job_that_did_not_end_well_can_be_read_again_or_removed(
    new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch.subprocess, "Popen", lambda *_, **__: SimpleNamespace(wait=int))
    folder = one(b"1")
    folder_of(NAME, {"kind": "upload", "sources": [str(folder)], "started": LONG_AGO})
    app = visit("ingest")
    assert T("job.upload_there") in texts(app)
    job = jobs.read(NAME)
    assert job is not None
    assert job_result._choices(job) == ["new", "all", "discard"]
    job_result._do(job, "discard")
    assert job_result._choices(job) == []
    assert T("job.upload_gone") in texts(visit("ingest"))
    assert [job.name for job in record.latest()] == [NAME]


@given(st.text())
def test_names_of_uploads_are_harmless(label: str) -> None:
    name = uploads.safe(label)
    assert name
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    assert not name.startswith(".")
    assert len(name) <= 80


def test_names_of_uploads_stay_readable() -> None:
    assert uploads.safe("C:\\data\\Study 1.zip") == "Study_1.zip"
    assert uploads.safe("../../etc/passwd") == "passwd"
