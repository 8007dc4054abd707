"""Archives give the members that zipfile, tarfile, GNU tar and py7zr put into them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import shutil
import stat
import subprocess
import tarfile
import threading
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import inflate64
import py7zr
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ingest.sources import Limits, Member, Problem, ReadProblem, archive
from ingest.sources.archive import kind, members
from ingest.sources.formats import single
from tests.test_ingest.sources_samples import (
    FILES,
    SAFE_FILES,
    Files,
    Outcome,
    Raw,
    as_outcomes,
    outcomes,
    problems,
    raw_zip,
    sevenzipped,
    tarred,
    zipped,
)

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"

NAME = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1)
NAMES = (NAME | st.sampled_from(["a", "../a", "/a", "a\\b", "a" * 300])).filter(
    lambda name: not name.endswith("/")
)
CONTENT = st.binary(max_size=3000).filter(lambda data: kind(data[:512]) is None)
CONTENTS = st.lists(st.tuples(NAMES, CONTENT), min_size=1, max_size=6)


def data_of(rows: list[Outcome | Problem]) -> list[bytes | None]:
    return [row.data for row in rows if isinstance(row, Outcome)]


# ZIP


@settings(deadline=None)
@given(CONTENTS, st.sampled_from([0, 8, 12, 14]))
def test_zip_equals_zipfile(files: Files, method: int) -> None:
    data = zipped(files, method)
    with zipfile.ZipFile(io.BytesIO(data)) as oracle:
        infos = oracle.infolist()
        expected = [(info.orig_filename, oracle.read(info)) for info in infos]
    found = outcomes(data)
    assert data_of(found) == [content for _, content in expected]
    for row, (name, _) in zip(found, expected, strict=True):
        assert row.uri.split("#")[0] == f"A!/{name}".split("#")[0]
    assert len({row.uri for row in found}) == len(found)


def test_zip64_sizes_and_end_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 50)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 2)
    data = zipped()
    assert b"PK\x06\x06" in data
    assert outcomes(data) == as_outcomes(FILES)


def test_zip_of_a_pipe_has_sizes_behind_the_data() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.written = io.BytesIO()

        def write(self, data: bytes) -> int:  # type: ignore[override]
            return self.written.write(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as out:  # type: ignore[arg-type]
        for name, content in FILES:
            out.writestr(name, content)
    data = pipe.written.getvalue()
    assert data[6] & 8
    assert outcomes(data) == as_outcomes(FILES)
    lost = outcomes(data[: data.index(b"PK\x01\x02")] + b"PK\x01\x02")
    assert data_of(lost) == [content for _, content in FILES]
    assert [p.reason for p in problems(lost)] == ["zip ends without a central directory"]


def deflate64(data: bytes) -> bytes:
    deflater = inflate64.Deflater()
    return bytes(deflater.deflate(data) + deflater.flush())


def zstandard(data: bytes) -> bytes:
    from py7zr.compressor import zstd

    return bytes(zstd.compress(data))


@pytest.mark.parametrize(("method", "pack"), [(9, deflate64), (93, zstandard)])
def test_zip_methods_that_zipfile_lacks(method: int, pack: Callable[[bytes], bytes]) -> None:
    content = os.urandom(5000) + bytes(200_000) + b"text" * 9000
    raw = Raw(b"big", pack(content), method, size=len(content), crc=zlib.crc32(content))
    assert outcomes(raw_zip(raw)) == as_outcomes([("big", content)])


def test_zip_members_that_cannot_be_read_are_problems_and_the_rest_goes_on() -> None:
    link, device = (mode << 16 for mode in (stat.S_IFLNK | 0o777, stat.S_IFIFO | 0o666))
    found = outcomes(
        raw_zip(
            Raw(b"locked", b"?????", flags=1),
            Raw(b"aes", b"?????", method=99),
            Raw(b"implode", b"?????", method=6),
            Raw(b"link", b"target", attributes=link),
            Raw(b"fifo", b"", attributes=device),
            Raw(b"wrong", b"12345", crc=1),
            Raw(b"longer", b"12345", size=9),
            Raw(b"garbage", b"\xff" * 50, method=8),
            Raw(b"folder/", b""),
            Raw(b"good", b"12345"),
        )
    )
    reasons = {row.uri[3:]: row.reason for row in found}
    assert reasons == {
        "locked": "member is encrypted",
        "aes": "member is encrypted",
        "implode": "compression method 6 is not supported",
        "link": "link inside an archive",
        "fifo": "not a regular file, inside an archive",
        "wrong": "checksum does not match",
        "longer": "data ends early",
        "garbage": "compressed data is damaged",
        "good": "",
    }
    statuses = {row.uri[3:]: row.status for row in problems(found)}
    assert statuses["link"] == statuses["fifo"] == "not_dicom"
    assert statuses["locked"] == statuses["garbage"] == "error"


def test_zip_checksum_does_not_matter_to_who_stops_before_the_end() -> None:
    data = raw_zip(Raw(b"wrong", b"header" + bytes(5000), crc=1))
    member = next(iter(members(io.BytesIO(data), "zip", "A")))
    assert isinstance(member, Member)
    assert member.reader.read(0, 6) == b"header"
    with pytest.raises(ReadProblem, match="checksum"):
        member.reader.read(6, 5000)


def test_zip_names_are_what_is_stored() -> None:
    names = [b"nul\0byte", b"\x81\xff", "münchen".encode(), b"C:\\x", b"..", b"a//b", b""]
    found = outcomes(raw_zip(*(Raw(name, b"x") for name in names), Raw(b"\xff", b"x", flags=0x800)))
    assert [row.uri for row in found] == [
        "A!/nul\0byte", "A!/" + b"\x81\xff".decode("cp437"), "A!/münchen", "A!/C:\\x", "A!/..",
        "A!/a//b", "A!/", "A!/\udcff",
    ]  # fmt: skip


def test_zip_with_a_comment_that_looks_like_an_end() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as out:
        out.writestr("a", b"1")
        out.comment = b"PK\x05\x06" + bytes(30) + b"PK\x05\x06"
    assert outcomes(data.getvalue()) == as_outcomes([("a", b"1")])


def test_a_truncated_zip_is_not_taken_for_the_zip_inside_it() -> None:
    data = zipped([("before", b"1"), ("inner.zip", zipped([("x", b"2")])), ("after", b"3")], 0)
    cut = data[: data.index(b"after")]
    found = outcomes(cut)
    assert [row.uri for row in found] == ["A!/before", "A!/inner.zip!/x", "A"]


# TAR


@settings(max_examples=60, deadline=None)
@given(
    CONTENTS,
    st.sampled_from([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
    st.sampled_from(["w", "w:gz", "w:bz2", "w:xz"]),
)
def test_tar_equals_tarfile(files: Files, format: int, mode: str) -> None:
    try:
        data = tarred(files, mode, format)
    except ValueError:
        assume(False)  # a name too long for ustar
    with tarfile.open(fileobj=io.BytesIO(data)) as oracle:
        expected = [
            (info.name, extracted.read())
            for info in oracle.getmembers()
            if (extracted := oracle.extractfile(info))
        ]
    found = outcomes(data)
    assert data_of(found) == [content for _, content in expected]
    for row, (name, _) in zip(found, expected, strict=True):
        assert row.uri.split("#")[0] == f"A!/{name}".split("#")[0]


def test_tar_links_devices_and_folders() -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as out:
        for name, type in (
            ("hard", tarfile.LNKTYPE), ("soft", tarfile.SYMTYPE), ("fifo", tarfile.FIFOTYPE),
            ("disk", tarfile.BLKTYPE), ("tty", tarfile.CHRTYPE), ("folder", tarfile.DIRTYPE),
        ):  # fmt: skip
            header = tarfile.TarInfo(name)
            header.type, header.linkname = type, "target" * 30
            out.addfile(header)
        header = tarfile.TarInfo("file")
        header.size = 1
        out.addfile(header, io.BytesIO(b"x"))
    found = outcomes(data.getvalue())
    assert [(row.uri[3:], row.status, row.reason) for row in problems(found)] == [
        ("hard", "not_dicom", "link inside an archive"),
        ("soft", "not_dicom", "link inside an archive"),
        ("fifo", "not_dicom", "not a regular file, inside an archive"),
        ("disk", "not_dicom", "not a regular file, inside an archive"),
        ("tty", "not_dicom", "not a regular file, inside an archive"),
    ]
    assert found[-1] == Outcome("A!/file", b"x", "")


GNU_TAR = shutil.which("tar")


@pytest.mark.skipif(GNU_TAR is None, reason="needs the tar command")
@pytest.mark.parametrize(
    "options",
    [
        ["--format=v7"],
        ["--format=oldgnu"],
        ["--format=gnu", "--sparse"],
        ["--format=posix", "--sparse", "--sparse-version=0.0"],
        ["--format=posix", "--sparse", "--sparse-version=0.1"],
        ["--format=posix", "--sparse", "--sparse-version=1.0"],
    ],
    ids=" ".join,
)
def test_tar_command_with_sparse_files(tmp_path: Path, options: list[str]) -> None:
    contents = {"plain": b"abc", "hole": bytes(300_000), "few": bytearray(200_000)}
    contents["few"][100_000:100_003] = b"mid"  # type: ignore[index]
    many = bytearray(3 << 20)
    for start in range(0, len(many), 1 << 16):  # 48 pieces: more than a header holds
        many[start : start + 5] = b"piece"
    contents["many"] = many + b"end"
    for name, content in contents.items():
        with open(tmp_path / name, "wb") as file:
            for start in range(0, len(content), 4096):
                block = bytes(content[start : start + 4096])
                file.seek(start + len(block)) if not any(block) else file.write(block)
            file.truncate(len(content))
    command = [str(GNU_TAR), "-cf", "-", *options, "-C", str(tmp_path), *sorted(contents)]
    made = subprocess.run(command, capture_output=True, check=False)
    if made.returncode:
        pytest.skip("this tar command lacks an option")
    expected = [(name, bytes(contents[name])) for name in sorted(contents)]
    assert outcomes(made.stdout) == as_outcomes(expected)
    assert outcomes(gzip.compress(made.stdout)) == as_outcomes(expected)


def test_tar_sizes_in_base_256_and_pax() -> None:
    header = tarfile.TarInfo("big")
    header.size = 5
    block = bytearray(header.tobuf(tarfile.GNU_FORMAT))
    block[124:136] = b"\x80" + (5).to_bytes(11, "big")
    block[148:156] = b"%06o\0 " % (sum(block) - sum(block[148:156]) + 8 * 32)
    data = bytes(block) + b"12345".ljust(512, b"\0") + bytes(1024)
    assert outcomes(data) == as_outcomes([("big", b"12345")])
    header.pax_headers = {"size": "5"}
    header.size = 0
    data = header.tobuf(tarfile.PAX_FORMAT) + b"12345".ljust(512, b"\0") + bytes(1024)
    assert outcomes(data) == as_outcomes([("big", b"12345")])


@pytest.mark.parametrize(
    "size", [b"-0000000001\0", b"\xff" * 12, b"99999999999\0", b"zzzzzzzzzzz\0"], ids=repr
)
def test_tar_nonsense_sizes_end_the_archive(size: bytes) -> None:
    """A negative size sends tarfile of Python 3.11 into an endless loop (CVE-2025-8194)."""
    block = bytearray(tarfile.TarInfo("bad").tobuf())
    block[124:136] = size
    block[148:156] = b"%06o\0 " % (sum(block) - sum(block[148:156]) + 8 * 32)
    found = outcomes(tarred([("good", b"1")])[:1024] + bytes(block) + bytes(1024))
    assert found[0] == Outcome("A!/good", b"1", "")
    assert [(p.uri, p.reason) for p in problems(found)] == [("A", "tar header is damaged")]
    assert len(found) == 2


# 7Z

FILTERS = {
    "default": None,
    "lzma": [{"id": py7zr.FILTER_LZMA, "preset": 1}],
    "lzma2": [{"id": py7zr.FILTER_LZMA2, "preset": 1}],
    "bcj-lzma": [{"id": py7zr.FILTER_X86}, {"id": py7zr.FILTER_LZMA}],
    "delta": [{"id": py7zr.FILTER_DELTA}, {"id": py7zr.FILTER_LZMA2, "preset": 1}],
    "bzip2": [{"id": py7zr.FILTER_BZIP2}],
    "bcj-bzip2": [{"id": py7zr.FILTER_X86}, {"id": py7zr.FILTER_BZIP2}],
    "deflate": [{"id": py7zr.FILTER_DEFLATE}],
    "zstd": [{"id": py7zr.FILTER_ZSTD}],
    "brotli": [{"id": py7zr.FILTER_BROTLI, "level": 5}],
    "copy": [{"id": py7zr.FILTER_COPY}],
}
BIG: Files = [*SAFE_FILES, ("big", bytes(3 << 20) + os.urandom(1000)), ("last", b"end")]


@pytest.mark.parametrize("filters", FILTERS.values(), ids=FILTERS)
def test_7z_of_every_codec(filters: list[dict[str, int]] | None) -> None:
    assert outcomes(sevenzipped(BIG, filters=filters)) == as_outcomes(BIG)


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.text("abc/.", min_size=1), CONTENT, min_size=1))
def test_7z_equals_what_py7zr_wrote(files: dict[str, bytes]) -> None:
    try:
        data = sevenzipped(list(files.items()), plain=True, filters=FILTERS["zstd"])
    except ValueError:
        assume(False)  # py7zr does not write such a name
    with py7zr.SevenZipFile(io.BytesIO(data)) as oracle:
        names = oracle.getnames()
    found = outcomes(data)
    assert data_of(found) == list(files.values())
    if len(set(names)) == len(names):
        assert [row.uri for row in found] == [f"A!/{name}" for name in names]


def test_7z_in_several_blocks_loses_only_the_damaged_one(tmp_path: Path) -> None:
    path = tmp_path / "a.7z"
    with py7zr.SevenZipFile(path, "w", filters=FILTERS["lzma2"]) as out:
        out.writestr(os.urandom(3000), "1a")
        out.writestr(os.urandom(3000), "1b")
    with py7zr.SevenZipFile(path, "a", filters=FILTERS["lzma2"]) as out:
        out.writestr(b"intact" * 100, "2")
    broken = bytearray(path.read_bytes())
    broken[32] = 0x7F  # the control byte of the first chunk of LZMA2
    found = outcomes(bytes(broken))
    assert [(row.uri, row.reason) for row in found] == [
        ("A!/1a", "compressed data is damaged"),
        ("A!/1b", "compressed data is damaged"),
        ("A!/2", ""),
    ]


def test_7z_encrypted() -> None:
    found = outcomes(sevenzipped(password="secret"))
    reasons = {row.uri[3:]: row.reason for row in found}
    assert reasons == {name: "member is encrypted" * bool(data) for name, data in SAFE_FILES}
    found = outcomes(sevenzipped(password="secret", header_encryption=True))
    assert [(row.uri, row.reason) for row in found] == [("A", "archive is encrypted")]


def test_7z_ppmd_is_refused_as_its_decoder_is_not_safe() -> None:
    ppmd = [{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 20}]
    found = outcomes(sevenzipped([("a", b"text")], filters=ppmd))
    assert [row.reason for row in found] == ["compression method PPMd is not supported"]


def test_7z_links(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "folder").mkdir()
    with py7zr.SevenZipFile(tmp_path / "a.7z", "w") as out:
        for name in ("file", "link", "folder"):
            out.write(tmp_path / name, name)
    found = outcomes(tmp_path / "a.7z")
    assert [(row.uri, row.reason) for row in found] == [
        ("A!/file", ""),
        ("A!/link", "link inside an archive"),
    ]


# Compressed streams


@pytest.mark.parametrize(
    ("compress", "suffix"), [(gzip.compress, "gz"), (bz2.compress, "bz2"), (lzma.compress, "xz")]
)
def test_a_lone_compressed_file(compress: Callable[[bytes], bytes], suffix: str) -> None:
    content = b"DICM" * 50_000
    packed = compress(content)
    expected = [Outcome(f"in/x.dcm.{suffix}!/x.dcm", content, "")]
    uri = f"in/x.dcm.{suffix}"
    assert outcomes(packed, uri=uri) == expected
    half = len(content) // 2
    parts = compress(content[:half]) + compress(content[half:])
    assert outcomes(parts, uri=uri) == expected
    assert outcomes(packed + bytes(512), uri=uri) == expected  # padding, as on tapes


class Unseekable(io.BytesIO):
    def seekable(self) -> bool:
        return False


def lone(source: BinaryIO) -> Member:
    member = next(iter(members(source, "gzip", "A")))
    assert isinstance(member, Member)
    return member


@pytest.mark.parametrize("held", [100, 1000, 1 << 20])
def test_the_size_of_a_lone_compressed_file(held: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """No format states it: a file that is not held is unpacked twice."""
    monkeypatch.setattr(single, "HELD", held)
    content = bytes(range(250)) * 20
    member = lone(io.BytesIO(gzip.compress(content)))
    assert (member.declared, member.size) == (5000, 5000)
    assert member.reader.read(0, 100) == content[:100]
    assert member.reader.read(4000, 1 << 20) == content[4000:]


def test_the_size_of_what_cannot_be_read_twice_grows_with_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(single, "HELD", 1000)
    member = lone(Unseekable(gzip.compress(bytes(5000))))
    assert (member.declared, member.size) == (None, 0)
    member.reader.read(0, 100)
    assert member.size == 100
    member.reader.read(100, 1 << 20)
    assert member.size == 5000


def test_gzip_keeps_the_name_of_its_file() -> None:
    data = io.BytesIO()
    with gzip.GzipFile("scan 1.dcm", "wb", fileobj=data) as out:
        out.write(b"x")
    assert outcomes(data.getvalue()) == as_outcomes([("scan 1.dcm", b"x")])


def test_many_compressed_streams_in_a_row() -> None:
    """Each block of bgzip is a stream of its own; thousands must not pile up."""
    blocks = b"".join(gzip.compress(b"%04d" % i) for i in range(5000))
    (row,) = outcomes(blocks)
    assert row == Outcome("A!/A", b"".join(b"%04d" % i for i in range(5000)), "")


# Nesting


def test_archives_inside_archives() -> None:
    inner = {
        "a.zip": zipped(),
        "b.tar": tarred(),
        "c.tgz": tarred(mode="w:gz"),
        "d.7z": sevenzipped(),
        "e.gz": gzip.compress(b"lone"),
    }
    expected = []
    for name in inner:
        if name == "e.gz":
            expected.append(("e.gz!/e", b"lone"))
            continue
        files = SAFE_FILES if name == "d.7z" else FILES
        expected += [(f"{name}!/{file}", content) for file, content in files]
    members = [*inner.items(), ("last", b"last")]
    expected.append(("last", b"last"))
    for outer in (
        zipped(members), zipped(members, 0), tarred(members), tarred(members, "w:xz"),
        sevenzipped(members),
    ):  # fmt: skip
        assert outcomes(outer) == as_outcomes(expected)


def test_a_damaged_inner_archive_does_not_end_the_outer_one() -> None:
    broken = tarred()[:700]
    for outer in (zipped, tarred, sevenzipped):
        found = outcomes(outer([("in.tar", broken), ("last", b"1")]))
        assert [row.uri for row in found if row.uri.count("!/") == 1] == ["A!/in.tar", "A!/last"]
        assert found[-1] == Outcome("A!/last", b"1", "")


def tar_of_a_folder() -> bytes:
    folder = tarfile.TarInfo("folder")
    folder.type = tarfile.DIRTYPE
    return folder.tobuf() + bytes(1024)


@pytest.mark.parametrize(
    "empty",
    [zipped([]), zipped([("only/", b"")]), tar_of_a_folder(), sevenzipped([])],
    ids=["zip", "folders", "tar", "7z"],
)
def test_an_archive_of_nothing_is_not_dicom(empty: bytes) -> None:
    expected = Problem("A", len(empty), 0, "not_dicom", "empty archive")
    assert outcomes(empty) == [expected]
    (row,) = outcomes(zipped([("in", empty)]))
    assert row == Problem("A!/in", len(empty), 0, "not_dicom", "empty archive")


# The contract of members and readers


@pytest.mark.parametrize(
    "data",
    [zipped(), tarred(), tarred(mode="w:gz"), sevenzipped()],
    ids=["zip", "tar", "tgz", "7z"],
)
@settings(deadline=None)
@given(cuts=st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3000)), max_size=8))
def test_reading_forward_with_gaps(data: bytes, cuts: list[tuple[int, int]]) -> None:
    whole = dict(FILES)
    for member in members(io.BytesIO(data), str(kind(data)), "A"):
        assert isinstance(member, Member)
        content, offset = whole.pop(member.uri[3:]), 0
        assert member.size == len(content)
        for gap, length in cuts:
            offset += gap
            piece = member.reader.read(offset, length)
            assert piece == content[offset : offset + length]
            offset += len(piece)
    assert not dict(SAFE_FILES).keys() & whole.keys()


def test_a_reader_goes_forward_only_and_ends_with_its_turn() -> None:
    found = members(io.BytesIO(zipped()), "zip", "A")
    first = next(found)
    assert isinstance(first, Member)
    first.reader.read(100, 50)
    with pytest.raises(ValueError, match="forward"):
        first.reader.read(149, 1)
    next(found)
    with pytest.raises(ValueError, match="moved on"):
        first.reader.read(200, 1)


@pytest.mark.parametrize("make", [zipped, tarred, sevenzipped])
def test_a_path_is_closed_however_the_reading_ends(
    make: Callable[[], bytes], tmp_path: Path
) -> None:
    path = tmp_path / "archive"
    path.write_bytes(make())
    stamp = path.stat().st_mtime_ns
    threads = threading.active_count()
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # ResourceWarning of a file left open
        rows = list(members(str(path), str(kind(path.read_bytes())), "A"))
        assert {row.mtime for row in rows} == {stamp}
        stopped = members(str(path), str(kind(path.read_bytes())), "A")
        next(stopped)
        stopped.close()  # type: ignore[attr-defined]
    assert threading.active_count() == threads


def test_a_path_that_vanished_is_a_problem(tmp_path: Path) -> None:
    (row,) = members(str(tmp_path / "gone"), "zip", "A")
    assert row == Problem("A", 0, 0, "error", "No such file or directory")


def test_a_disk_that_fails_is_a_problem() -> None:
    class Failing(io.BytesIO):
        def read(self, n: int | None = -1, /) -> bytes:
            if self.tell() > 600:
                raise OSError(5, "Input/output error", "/secret/path")
            return super().read(n)

    (*_, last) = members(Failing(tarred()), "tar", "A")
    assert isinstance(last, Problem)
    assert last.reason == "Input/output error"


@pytest.mark.parametrize(
    "data",
    [zipped(), tarred(), tarred(mode="w:xz"), sevenzipped()],
    ids=["zip", "tar", "txz", "7z"],
)
def test_a_stream_that_cannot_seek(data: bytes) -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self._data = io.BytesIO(data)

        def readable(self) -> bool:
            return True

        def read(self, n: int = -1, /) -> bytes:
            return self._data.read(min(n, 1000))

    rows = members(Pipe(), str(kind(data)), "A")  # type: ignore[arg-type]
    read = [(row.uri, row.reader.read(0, 1 << 20)) for row in rows if isinstance(row, Member)]
    assert read == [(row.uri, row.data) for row in outcomes(data) if isinstance(row, Outcome)]
    (row,) = members(Pipe(), "zip", "A", Limits(max_nested_bytes=10))  # type: ignore[arg-type]
    assert isinstance(row, Problem)


# Recognition


def test_kind_goes_by_content() -> None:
    assert kind(zipped()) == kind(zipped([])) == "zip"
    assert kind(sevenzipped()) == "7z"
    assert kind(tarred()[:512]) == kind(tarred(format=tarfile.GNU_FORMAT)[:512]) == "tar"
    assert kind(gzip.compress(b"")) == "gzip"
    assert kind(bz2.compress(b"")) == kind(bz2.compress(b"x")) == "bz2"
    assert kind(lzma.compress(b"")) == "xz"
    for nothing in (b"", b"PK", b"BZh", b"BZh is not enough", bytes(512), b" " * 512, b"A" * 512):
        assert kind(nothing) is None
    old = bytearray(tarfile.TarInfo("v7").tobuf(tarfile.USTAR_FORMAT))
    old[257:265] = bytes(8)
    assert kind(bytes(old)) is None  # the checksum does not fit any more
    old[148:156] = b"%06o\0 " % (sum(old) - sum(old[148:156]) + 8 * 32)
    assert kind(bytes(old)) == "tar"


@pytest.mark.skipif(not (DATA / "dicom").is_dir(), reason="the shared real files are not here")
def test_no_real_dicom_file_is_taken_for_an_archive() -> None:
    seen = 0
    for path in (DATA / "dicom").rglob("*"):
        if path.is_file() and path.suffix not in (".gz", ".zip", ".csv", ".md"):
            with path.open("rb") as file:
                head = file.read(512)
            if head[128:132] == b"DICM":
                seen += 1
                assert kind(head) is None
    assert seen > 1000


WHOLE_SERIES = DATA / "whole_series.tar.xz"


@pytest.mark.skipif(not WHOLE_SERIES.is_file(), reason="the shared whole series are not here")
def test_whole_series_stream_within_all_limits() -> None:
    rows = list(archive.members(str(WHOLE_SERIES), "xz", "A"))
    assert len([row for row in rows if isinstance(row, Member)]) == 17_507
    assert problems(rows) == []  # type: ignore[arg-type]
    assert sum(row.size for row in rows) == 741_948_886  # of find -printf %s
