"""Archives that ask for too much end in time, and honest dense ones pass; memory stays small."""

from __future__ import annotations

import gzip
import io
import lzma
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

import py7zr
import pytest

from ingest.sources import Limits, Member, Problem, ReadProblem
from ingest.sources.archive import kind, members
from tests.test_ingest.sources_samples import (
    FILES,
    SAFE_FILES,
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

MIB = 1 << 20


@pytest.mark.parametrize("data", [zipped(), tarred(), tarred(mode="w:gz")])
def test_too_many_members_end_the_archive(data: bytes) -> None:
    rows = outcomes(data, Limits(max_members=3))
    assert rows[:-1] == as_outcomes(FILES[:3])
    assert rows[-1] == Problem("A", len(data), 0, "error", "more than 3 members")


def test_too_many_members_of_a_7z_are_known_from_its_header() -> None:
    (row,) = outcomes(sevenzipped(), Limits(max_members=2))
    assert row.reason == "more than 2 members"
    assert outcomes(sevenzipped(), Limits(max_members=3)) == as_outcomes(SAFE_FILES)


def test_members_of_inner_archives_count() -> None:
    data = zipped([("1.zip", zipped()), ("2.zip", zipped())])
    rows = outcomes(data, Limits(max_members=len(FILES) + 4))
    assert [row.uri for row in rows[-2:]] == ["A!/2.zip!/empty", "A"]
    assert rows[-1].reason == f"more than {len(FILES) + 4} members"


@pytest.mark.parametrize("make", [zipped, tarred, sevenzipped], ids=["zip", "tar.gz", "7z"])
def test_too_many_bytes_end_the_archive(make: Callable[..., bytes]) -> None:
    data = make([("small", b"1" * 600), ("large", bytes(MIB)), ("next", b"1")])
    data = gzip.compress(data) if make is tarred else data
    rows = outcomes(data, Limits(max_bytes=MIB // 2))
    reason = f"more than {MIB // 2:,} bytes unpacked"
    assert rows[0] == Outcome("A!/small", b"1" * 600, "")
    assert rows[1] == Outcome("A!/large", None, reason)  # from the reader
    assert rows[2] == Problem("A", len(data), 0, "error", reason)
    assert len(rows) == 3


def test_stacked_layers_are_a_bomb_and_one_layer_is_not() -> None:
    limits = Limits(ratio_from=MIB, max_ratio=2000)
    once = zipped([("zeros", bytes(20 * MIB))])
    assert outcomes(once, limits)[0].reason == ""  # 1,028:1
    twice = zipped([("inner.zip", once)])
    rows = outcomes(twice, limits)
    assert {row.reason for row in rows} == {"unpacks to more than 2,000 times its size"}
    assert rows[-1].uri == "A"


def test_members_that_share_their_data_are_a_bomb() -> None:
    content = bytes(MIB)
    packed = zlib.compress(content, wbits=-15)
    shared = Raw(b"x", packed, 8, size=MIB, crc=zlib.crc32(content), copies=500)
    rows = outcomes(raw_zip(shared), Limits(ratio_from=MIB, max_ratio=3000))
    assert rows[-1].reason == "unpacks to more than 3,000 times its size"
    assert len({row.uri for row in rows}) == len(rows)
    assert len(rows) < 500
    stored = Raw(b"x", bytes(1000), copies=500)
    rows = outcomes(raw_zip(stored), Limits(max_bytes=100_000))
    assert len(rows) == 100 + 1
    assert rows[-1].reason == "more than 100,000 bytes unpacked"


def test_the_limits_that_are_set_let_real_archives_pass() -> None:
    limits = Limits()
    assert limits.max_ratio > 6900  # LZMA on zeros, the densest of the codecs in common use
    assert limits.max_ratio < 1030**2  # two layers of deflate, as in 42.zip


def nested(depth: int) -> bytes:
    data = zipped([("leaf", b"1")])
    for _ in range(depth - 1):
        data = zipped([("in.zip", data), ("beside", b"2")])
    return data


def test_depth() -> None:
    rows = outcomes(nested(3))
    assert [row.uri for row in rows if not row.reason] == [
        "A!/in.zip!/in.zip!/leaf", "A!/in.zip!/beside", "A!/beside",
    ]  # fmt: skip
    rows = outcomes(nested(4))
    assert rows[0].uri == "A!/in.zip!/in.zip!/in.zip"
    assert rows[0].reason == "archives inside each other more than 3 deep"
    assert [row.uri for row in rows[1:]] == [
        "A!/in.zip!/in.zip!/beside", "A!/in.zip!/beside", "A!/beside",
    ]  # fmt: skip
    assert [row.uri for row in outcomes(nested(20))] == [row.uri for row in rows]
    assert problems(outcomes(nested(5), Limits(max_depth=5))) == []


def test_a_gzip_of_itself_ends() -> None:
    """Layers beyond the depth are not unpacked, so a quine is as any other inner archive."""
    data = b"leaf"
    for _ in range(50):
        data = gzip.compress(data)
    (row,) = outcomes(data)
    assert row.reason == "archives inside each other more than 3 deep"


def test_inner_archives_that_need_memory() -> None:
    inner = zipped([("a", b"1" * 100)], 0)
    limits = Limits(max_nested_bytes=len(inner) - 1)
    reason = f"inner archive does not fit into {len(inner) - 1:,} bytes of memory"
    for outer in (zipped, sevenzipped):
        rows = outcomes(outer([("in.zip", inner), ("last", b"2")]), limits)
        assert [(row.uri[3:], row.reason) for row in rows] == [("in.zip", reason), ("last", "")]
    packed = outcomes(gzip.compress(inner), limits)  # of unknown size
    assert [row.reason for row in packed] == [reason]
    for outer_data in (zipped([("in.zip", inner)], 0), tarred([("in.zip", inner)])):
        assert problems(outcomes(outer_data, limits)) == []  # stored: read where it lies
    exact = Limits(max_nested_bytes=len(inner))
    assert problems(outcomes(zipped([("1.zip", inner), ("2.zip", inner)]), exact)) == []


def test_dictionaries() -> None:
    limits = Limits(max_window=MIB)
    big = lzma.compress(b"x", preset=6)  # 8 MiB
    assert [row.reason for row in outcomes(big, limits)] == [
        "decompressor asks for too much memory"
    ]
    reason = f"decompressor asks for {8 * MIB:,} bytes of memory"
    for codec in (py7zr.FILTER_LZMA, py7zr.FILTER_LZMA2):
        data = sevenzipped([("a", b"1")], plain=True, filters=[{"id": codec, "preset": 6}])
        assert [row.reason for row in outcomes(data, limits)] == [reason]
    data = zipped([("a", b"1")], zipfile.ZIP_LZMA)
    assert [row.reason for row in outcomes(data, limits)] == [reason]


def test_a_name_of_two_gigabytes_is_not_read() -> None:
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 2 << 30
    data = tarred([("first", b"1")])[:1024] + header.tobuf(tarfile.GNU_FORMAT) + bytes(4096)
    rows = outcomes(data)
    assert [(row.uri, row.reason) for row in rows] == [
        ("A!/first", ""), ("A", "tar header is damaged"),
    ]  # fmt: skip


def test_a_7z_header_of_a_million_files_is_refused_before_it_is_built() -> None:
    count = 1_000_000
    bits = b"\xff" * (count // 8)
    names = bytes(2 * count)
    number = lambda n: b"\xf0" + struct.pack("<L", n)  # noqa: E731 (7z: four bytes follow)
    raw = b"\x01\x05" + number(count)
    raw += b"\x0e" + number(len(bits)) + bits + b"\x11" + number(len(names) + 1) + b"\0" + names
    raw += b"\0\0"
    start = struct.pack("<QQL", 0, len(raw), zlib.crc32(raw))
    data = b"7z\xbc\xaf\x27\x1c\0\x04" + struct.pack("<L", zlib.crc32(start)) + start + raw
    tracemalloc.start()
    (row,) = outcomes(data, Limits(max_members=100_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert row.reason == "more than 100,000 members"
    assert peak < 20 * MIB


def test_many_members_need_no_more_memory_than_their_names() -> None:
    data = raw_zip(Raw(b"same", b"x", copies=10_000))
    tracemalloc.start()
    number = 0
    for row in members(io.BytesIO(data), "zip", "A"):
        number += 1
        last = row.uri
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (number, last) == (10_000, "A!/same#10000")
    assert peak < 4 * MIB


# Memory


def test_blocks_of_a_7z_are_let_go_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "a.7z"
    for number in range(12):
        with py7zr.SevenZipFile(path, "a" if number else "w", filters=LZMA2_8_MIB) as out:
            out.set_encoded_header_mode(False)
            out.writestr(b"%d" % number, str(number))
    tracemalloc.start()
    rows = outcomes(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows == as_outcomes([(str(number), b"%d" % number) for number in range(12)])
    assert peak < 20 * MIB  # and not 12 times 8


LZMA2_8_MIB = [{"id": py7zr.FILTER_LZMA2, "preset": 6}]


def write_zeros(out: IO[bytes], size: int) -> None:
    for _ in range(size // MIB):
        out.write(bytes(MIB))


def zeros_in_zip(method: int) -> Callable[[Path, int], None]:
    def write(path: Path, size: int) -> None:
        with zipfile.ZipFile(path, "w", method) as out, out.open("zeros", "w") as member:
            write_zeros(member, size)

    return write


def zeros_in_tar(path: Path, size: int) -> None:
    header = tarfile.TarInfo("zeros")
    header.size = size
    with gzip.open(path, "wb", compresslevel=1) as out:
        out.write(header.tobuf())
        write_zeros(out, size)
        out.write(bytes(1024))


def zeros_in_7z(filters: list[dict[str, int]]) -> Callable[[Path, int], None]:
    def write(path: Path, size: int) -> None:
        with open(path.with_suffix(".raw"), "wb") as sparse:
            sparse.truncate(size)
        with py7zr.SevenZipFile(path, "w", filters=filters) as out:
            out.set_encoded_header_mode(False)  # py7zr packs it with a dictionary of 16 MiB
            out.write(path.with_suffix(".raw"), "zeros")

    return write


WRITERS = {
    "zip-deflate": zeros_in_zip(zipfile.ZIP_DEFLATED),
    "zip-bzip2": zeros_in_zip(zipfile.ZIP_BZIP2),
    "tar.gz": zeros_in_tar,
    "7z-lzma2": zeros_in_7z([{"id": py7zr.FILTER_LZMA2, "preset": 0}]),
    "7z-zstd": zeros_in_7z([{"id": py7zr.FILTER_ZSTD, "level": 1}]),
}
SIZE = 100 * MIB


@pytest.mark.parametrize("name", WRITERS)
def test_100_mib_of_zeros_in_a_few_mib(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    WRITERS[name](path, SIZE)
    form = kind(path.read_bytes()[:512])
    assert form is not None
    limits = Limits(max_ratio=10_000_000)  # bzip2 and zstd are beyond what is let through
    tracemalloc.start()
    try:
        (member,) = _read_to_the_end(str(path), form, limits)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert member.size == SIZE
    assert peak < 8 * MIB


def _read_to_the_end(path: str, form: str, limits: Limits) -> list[Member]:
    found = []
    for member in members(path, form, "A", limits):
        assert isinstance(member, Member)
        assert member.reader.read(SIZE - 2, 10) == b"\0\0"
        found.append(member)
    return found


def test_denser_than_the_default_ratio_is_stopped(tmp_path: Path) -> None:
    size = Limits().ratio_from + 2 * MIB
    WRITERS["zip-bzip2"](tmp_path / "of.zip", size)
    found = members(str(tmp_path / "of.zip"), "zip", "A")
    member = next(found)
    assert isinstance(member, Member)
    assert len(member.reader.read(0, MIB)) == MIB  # a header is still read
    with pytest.raises(ReadProblem, match="10,000 times"):
        member.reader.read(size - 1, 1)
    assert [row.uri for row in found] == ["A"]
