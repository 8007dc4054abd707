"""Where encapsulated pixel data end, looked for in blocks and never twice: members are streams."""

from __future__ import annotations

import os
import random
import zipfile
from pathlib import Path

import polars as pl
import pytest

from ingest import worker
from ingest.header.fragments import FRAGMENTS, SMALL_FRAGMENT, end_of_fragments
from ingest.intake import Kept
from ingest.records import Batch, Files, Job, Unit
from ingest.sources import Limits
from tests.test_ingest.reader_samples import JPEG, E, bare, file_of, identity

END = bare(0xFFFEE0DD, 0)


def fragments(sizes: list[int]) -> bytes:
    return b"".join(bare(0xFFFEE000, size) + bytes(size) for size in sizes)


class Stream:
    """Reads forward only, as a member of an archive, and counts the calls."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at, self.calls = data, 0, 0

    def read(self, offset: int, length: int) -> bytes:
        assert offset >= self.at, "offsets never go back"
        found = self.data[offset : offset + length]
        self.at = offset + len(found)
        self.calls += 1
        return found


SIZES = [
    [], [0], [0, 0, 0], [2] * 5000, [SMALL_FRAGMENT] * 200, [FRAGMENTS - 8] * 3, [FRAGMENTS - 12],
    [FRAGMENTS - 4, 0, 2], [100_000, 2, 2, 100_000, 2], [0, *[4088] * 20],
]  # fmt: skip


@pytest.mark.parametrize("sizes", SIZES, ids=lambda sizes: f"{len(sizes)} of {sum(sizes)}")
@pytest.mark.parametrize("known", [0, 5, 13, 100])
def test_the_end_is_found_in_a_stream(sizes: list[int], known: int) -> None:
    value = fragments(sizes) + END
    data = b"header" + value + b"behind"
    stream = Stream(data)
    found = end_of_fragments(Kept(stream.read), data[: 6 + known], 6, len(data), {})
    assert found == 6 + len(value)
    for cut in (1, 8, 9, len(value) // 2):
        short = data[: 6 + len(value) - cut]
        assert end_of_fragments(Kept(Stream(short).read), b"", 6, len(short), {}) is None


def test_sizes_at_random() -> None:
    rng = random.Random(1)
    for _ in range(60):
        sizes = [rng.choice([0, 2, 1000, 1024, 5000, 40_000]) for _ in range(rng.randrange(80))]
        data = fragments(sizes) + END + bytes(rng.randrange(50))
        stream = Stream(data)
        assert (
            end_of_fragments(stream.read, b"", 0, len(data), {}) == 8 * len(sizes) + sum(sizes) + 8
        )


def test_small_fragments_are_read_many_at_once() -> None:
    data = fragments([2] * 100_000) + END
    stream = Stream(data)
    assert end_of_fragments(stream.read, b"", 0, len(data), {}) == len(data)
    assert stream.calls < 40


def test_large_fragments_are_skipped() -> None:
    data = fragments([500_000] * 10) + END
    read: list[int] = []

    def counted(offset: int, length: int) -> bytes:
        read.append(length)
        return data[offset : offset + length]

    assert end_of_fragments(counted, b"", 0, len(data), {}) == len(data)
    assert sum(read) < 200


def test_a_member_whose_template_ends_otherwise_is_read_once(tmp_path: Path) -> None:
    """A template fits until the end of the pixels, which no stream can be asked for again."""
    value = fragments([0, 400_000, 100, 100, 200, 300_000])
    tails = {5: bytes(7), 7: b"\1" * 9}
    path = tmp_path / "series.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(1, 10):
            elements = [*identity(f"1.2.9.{number}"), E(0x7FE00010, "OB", value, undefined=True)]
            file = file_of(elements, JPEG, f"1.2.9.{number}") + tails.get(number, bytes(2))
            archive.writestr(f"{number}.dcm", file)
    sides = [tmp_path / "open", tmp_path / "phi"]
    for side in sides:
        side.mkdir()
    unit = Unit((Files(str(tmp_path), [path.name], [os.path.getsize(path)], [1]),))
    job = Job("run", bytes(32), Limits())
    written = worker.read_unit(unit, Batch("b", *sides), 1, job)
    assert written.counts == {"ok": 9}
    found = pl.read_parquet(sides[0] / "instances-1.parquet")
    assert found["pixel_data_bytes"].to_list() == [len(value)] * 9
    assert "template" in found["read_by"].to_list()
