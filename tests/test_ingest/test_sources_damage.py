"""Damaged archives: what is readable comes out right, the rest is a Problem, nothing hangs."""

from __future__ import annotations

import io
import random
import signal
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from types import FrameType

import py7zr
import pytest

from ingest.sources import Limits, Member, Problem, ReadProblem
from ingest.sources.archive import kind, members
from tests.test_ingest.sources_samples import (
    FILES,
    SAFE_FILES,
    Files,
    Outcome,
    outcomes,
    problems,
    sevenzipped,
    tarred,
    zipped,
)

NOISE = random.Random(7).randbytes
CONTENTS: Files = [*FILES, ("noise", NOISE(3000)), ("last", b"end" * 500)]
SAFE_CONTENTS: Files = [*SAFE_FILES, ("noise", NOISE(3000)), ("last", b"end" * 500)]
LIMITS = Limits(max_bytes=1 << 26)


@pytest.fixture(autouse=True)
def never_hang() -> Iterator[None]:
    """An endless loop becomes a failure; whole tests here take a second or two."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def fail(number: int, frame: FrameType | None) -> None:
        raise AssertionError("reading a damaged archive does not end")

    before = signal.signal(signal.SIGALRM, fail)
    signal.setitimer(signal.ITIMER_REAL, 120)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


SEQUENTIAL = {
    "zip": zipped(CONTENTS),
    "zip-stored": zipped(CONTENTS, zipfile.ZIP_STORED),
    "zip-bz2": zipped(CONTENTS, zipfile.ZIP_BZIP2),
    "tar": tarred(CONTENTS),
    "tar-gnu": tarred([*CONTENTS, ("n" * 300, b"1")], format=tarfile.GNU_FORMAT),
    "tgz": tarred(CONTENTS, "w:gz"),
    "tbz": tarred(CONTENTS, "w:bz2"),
    "txz": tarred(CONTENTS, "w:xz"),
}
CODECS = {
    "lzma": py7zr.FILTER_LZMA,
    "lzma2": py7zr.FILTER_LZMA2,
    "bzip2": py7zr.FILTER_BZIP2,
    "deflate": py7zr.FILTER_DEFLATE,
    "zstd": py7zr.FILTER_ZSTD,
    "copy": py7zr.FILTER_COPY,
}
SEVENZIP = {
    f"7z-{name}": sevenzipped(SAFE_CONTENTS, plain=True, filters=[{"id": codec}])
    for name, codec in CODECS.items()
}


@pytest.mark.parametrize("data", SEQUENTIAL.values(), ids=SEQUENTIAL)
def test_truncated_archives_give_what_is_there_and_one_problem(data: bytes) -> None:
    end = len(data.rstrip(b"\0")) if data[257:262] == b"ustar" else len(data) - 1
    step = max(1, end // 90)
    for cut in [*range(520, end, step), end - 1]:
        rows = outcomes(data[:cut], LIMITS)
        last = rows.pop()
        assert isinstance(last, Problem)
        assert (last.uri, last.size, last.status) == ("A", cut, "error")
        assert problems(rows) == []
        whole = [(row.uri[3:], row.data) for row in rows if row.data is not None]
        assert whole == CONTENTS[: len(whole)]
        assert len(rows) <= len(whole) + 1  # at most one member was cut in two


def test_truncated_archives_give_every_member_before_the_cut() -> None:
    data = tarred(CONTENTS)
    with tarfile.open(fileobj=io.BytesIO(data)) as oracle:
        ends = [info.offset_data + -(-info.size // 512) * 512 for info in oracle]
    for count, end in enumerate(ends, 1):
        rows = outcomes(data[:end])
        assert [row.data for row in rows[:-1]] == [content for _, content in CONTENTS[:count]]
        assert [p.reason for p in problems(rows)] == ["tar ends without its end mark"]
    data = zipped(CONTENTS)
    with zipfile.ZipFile(io.BytesIO(data)) as zip_oracle:
        starts = [info.header_offset for info in zip_oracle.infolist()][1:]
    for count, start in enumerate(starts, 1):
        rows = outcomes(data[:start])
        assert [row.data for row in rows[:-1]] == [content for _, content in CONTENTS[:count]]


def test_a_truncated_tar_gz_gives_every_member_that_can_be_unpacked() -> None:
    data = SEQUENTIAL["tgz"]
    with tarfile.open(fileobj=io.BytesIO(data)) as oracle:
        ends = [info.offset_data + info.size for info in oracle]
    for cut in range(600, len(data), 50):
        there = len(zlib.decompressobj(31).decompress(data[:cut]))
        whole = [row for row in outcomes(data[:cut]) if isinstance(row, Outcome) and not row.reason]
        assert len(whole) == sum(end <= there for end in ends)


@pytest.mark.parametrize("data", SEVENZIP.values(), ids=SEVENZIP)
def test_truncated_7z_is_one_problem_as_its_header_is_gone(data: bytes) -> None:
    for cut in range(6, len(data), max(1, len(data) // 60)):
        (row,) = outcomes(data[:cut], LIMITS)
        assert isinstance(row, Problem)
        assert (row.uri, row.status, row.reason) == ("A", "error", "7z header is damaged")


def flipped(data: bytes, seed: int) -> bytes:
    """The data with a few bits flipped behind its signature, sometimes cut off as well."""
    chance = random.Random(seed)
    damaged = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        damaged[chance.randrange(6, len(damaged))] ^= 1 << chance.randrange(8)
    if chance.random() < 0.15:
        del damaged[chance.randrange(512, len(damaged)) :]
    return bytes(damaged)


CHECKED = ("zip", "zip-stored", "zip-bz2")
"""Formats with a checksum for each member: what is read whole is what was stored."""


@pytest.mark.parametrize("name", SEQUENTIAL)
def test_flipped_bits(name: str) -> None:
    known = {content for _, content in CONTENTS}
    for seed in range(250):
        data = flipped(SEQUENTIAL[name], seed)
        if kind(data[:512]) is None:
            continue  # then nobody takes it for an archive
        rows = outcomes(data, LIMITS)
        assert rows
        if name in CHECKED and not any("central directory" in row.reason for row in rows):
            assert {row.data for row in rows if isinstance(row, Outcome)} <= known | {None}


def with_right_checksums(data: bytes) -> bytes:
    """A 7Z whose damaged header passes its checksums, so that what is inside meets the parser."""
    fixed = bytearray(data)
    offset, size = struct.unpack_from("<QQ", fixed, 12)
    header = fixed[32 + offset : 32 + offset + size]
    struct.pack_into("<L", fixed, 28, zlib.crc32(header))
    struct.pack_into("<L", fixed, 8, zlib.crc32(fixed[12:32]))
    return bytes(fixed)


@pytest.mark.parametrize("name", SEVENZIP)
def test_flipped_bits_of_7z(name: str) -> None:
    data = SEVENZIP[name]
    offset, size = struct.unpack_from("<QQ", data, 12)
    header = slice(32 + offset, 32 + offset + size)
    known = {content for _, content in SAFE_CONTENTS}
    for seed in range(120):
        rows = outcomes(flipped(data, seed), LIMITS)
        assert {row.data for row in rows if isinstance(row, Outcome)} <= known | {None}
        chance, damaged = random.Random(seed), bytearray(data)
        for _ in range(chance.choice((1, 1, 3))):
            damaged[chance.randrange(header.start, header.stop)] = chance.randrange(256)
        assert outcomes(with_right_checksums(damaged), LIMITS)


def test_damage_in_a_tar_ends_it_where_tarfile_would_be_silent() -> None:
    data = bytearray(tarred(CONTENTS))
    at = data.index(b"noise")
    data[at] ^= 1
    rows = outcomes(bytes(data))
    assert [row.data for row in rows[:-1]] == [content for _, content in FILES]
    assert rows[-1] == Problem("A", len(data), 0, "error", "tar header is damaged")
    with tarfile.open(fileobj=io.BytesIO(bytes(data))) as silent:
        assert len(silent.getmembers()) == len(FILES)


def test_a_broken_reader_stays_broken_and_the_next_member_is_fine() -> None:
    data = bytearray(zipped([("bad", NOISE(5000) + bytes(50_000)), ("good", b"1")]))
    data[3000] ^= 0xFF
    seen = []
    for row in members(io.BytesIO(bytes(data)), "zip", "A"):
        assert isinstance(row, Member)
        for _ in range(2):
            try:
                seen.append(len(row.reader.read(row.reader.position, 1 << 20)))
            except ReadProblem as problem:
                seen.append(problem.reason)
    assert seen[:2] in (["compressed data is damaged"] * 2, ["checksum does not match", 0])
    assert seen[2:] == [1, 0]


def test_lost_local_header_costs_one_member() -> None:
    data = bytearray(zipped(CONTENTS))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as oracle:
        data[oracle.infolist()[2].header_offset] ^= 1
    rows = outcomes(bytes(data))
    assert [(row.uri, row.reason) for row in rows if row.reason] == [
        ("A!/study/deep/b", "local header is damaged")
    ]
    assert len(rows) == len(CONTENTS)


@pytest.mark.parametrize("seed", range(3))
def test_noise_after_a_signature(seed: int) -> None:
    chance = random.Random(seed)
    for data in (*SEQUENTIAL.values(), *SEVENZIP.values()):
        noise = data[:6] + chance.randbytes(2000)
        if kind(noise):
            assert any(row.reason for row in outcomes(noise, LIMITS))
