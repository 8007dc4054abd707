"""Files read among others have the elements they have alone, however a series varies.

A series is made from a tree of elements whose values change from file to file - in length too,
inside sequences of either kind of length, private ones, CSA headers, before, in and behind pixel
data - mixed with other kinds of images, and in any order.  What a template reads must be what a
reading of the file alone finds, and most files of a well-behaved series must be read by one.
"""

from __future__ import annotations

import random
import struct
from collections import Counter
from collections.abc import Callable, Sequence

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.demo.csa import IMAGE_FIELDS, encode_csa2
from ingest.describe import describe
from ingest.flatten import flatten
from ingest.part import MOST_TEMPLATES, Part
from ingest.schema import TABLES
from tests.test_ingest.reader_samples import (
    EXPLICIT,
    IMPLICIT,
    JPEG,
    MR,
    E,
    add,
    bare,
    encode,
    file_of,
    identity,
    meta,
    text,
)
from tests.test_ingest.test_elements_against_pydicom import in_series_equal_alone
from tests.test_ingest.test_reader_properties import trees

SECRET = bytes(32)
Path = tuple[int, ...]
Tree = list[E]


# --- making series


def leaves(elements: Sequence[E], base: Path = ()) -> list[Path]:
    """Where the values of a tree stand that may vary: not creators, character sets, sequences."""
    found: list[Path] = []
    for index, element in enumerate(elements):
        if isinstance(element.value, tuple):
            for number, item in enumerate(element.value):
                found += leaves(item, (*base, index, number))
        elif element.tag != 0x00080005 and not is_creator(element.tag):
            found.append((*base, index))
    return found


def is_creator(tag: int) -> bool:
    return bool(tag >> 16 & 1) and 0x10 <= tag & 0xFFFF <= 0xFF


def with_value(elements: Sequence[E], path: Path, value: bytes) -> Tree:
    """The tree with another value at ``path``."""
    made = list(elements)
    element = made[path[0]]
    if len(path) == 1:
        made[path[0]] = element._replace(value=value)
    else:
        items = list(element.value)
        items[path[1]] = tuple(with_value(items[path[1]], path[2:], value))  # type: ignore[arg-type]
        made[path[0]] = element._replace(value=tuple(items))  # type: ignore[arg-type]
    return made


def varied(rng: random.Random, old: bytes) -> bytes:
    """Another value: other bytes of the same length, longer, shorter, or none."""
    letters = bytes(rng.choice(b"0123456789ABC") for _ in range(rng.randrange(1, 12) * 2))
    return rng.choice([
        bytes(rng.choice(b"0123456789") for _ in old), letters, letters[:4], old[: len(old) // 4 * 2],
        b"",
    ])  # fmt: skip


def series_of(
    rng: random.Random, tree: Tree, number: int, syntax: str, uid: str = "1.2.3", kind: int = 0
) -> list[bytes]:
    """Files with the structure of ``tree`` that vary in some of its values and in their UIDs."""
    places = leaves(tree)
    varying = rng.sample(places, min(len(places), rng.randrange(1, 6)))
    made = []
    for index in range(number):
        instance = tree
        for place in varying:
            if rng.random() < 0.8:
                instance = with_value(instance, place, varied(rng, value_at(tree, place)))
        name = f"1.2.{kind}." + "9" * rng.randrange(1, 12) + f".{index}"
        made.append(file_of([*instance, *identity(name, uid)], syntax, name))
    return made


def value_at(elements: Sequence[E], path: Path) -> bytes:
    element = elements[path[0]]
    if len(path) == 1:
        assert isinstance(element.value, bytes)
        return element.value
    return value_at(element.value[path[1]], path[2:])  # type: ignore[arg-type]


# --- what must hold


def check(files: Sequence[bytes]) -> Part:
    """Read the files as one part, and compare every file with itself read alone."""
    part, alone = Part(), {}
    for number, data in enumerate(files):
        uri = str(number)
        add(part, data, uri)
        alone[uri] = describe(data, uri)
        assert (part.files[-1].status, part.files[-1].reason) == (
            alone[uri].status, alone[uri].reason,
        )  # fmt: skip
    if part.instances:
        in_series_equal_alone(part, alone)
        columns_equal_alone(part, files)
    return part


STABLE = [
    c.name for c in TABLES["instances"].columns
    if c.stable and not c.phi and c.name not in ("file_size_bytes", "SOPInstanceUID")
]  # fmt: skip


def columns_equal_alone(part: Part, files: Sequence[bytes]) -> None:
    """The typed columns too: a template's values feed the same columns."""
    together = instances(part).select("instance_id", *STABLE)
    for row in together.iter_rows(named=True):
        single = Part()
        add(single, files[row["instance_id"]])
        expected = instances(single).select(STABLE).row(0, named=True)
        assert {name: row[name] for name in STABLE} == expected


def instances(part: Part) -> pl.DataFrame:
    frame = flatten(part, 0, "run", SECRET)["instances"].open
    assert frame is not None
    return frame


def read_by(part: Part) -> Counter[str]:
    return Counter(instance.read_by for instance in part.instances)


# --- properties

QUICK = settings(
    max_examples=15, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


@QUICK
@given(st.data(), st.randoms(use_true_random=False), st.sampled_from([EXPLICIT, IMPLICIT]))
def test_a_series_of_one_kind(data: st.DataObject, rng: random.Random, syntax: str) -> None:
    tree = data.draw(trees(syntax == IMPLICIT))
    check(series_of(rng, tree, rng.randrange(5, 16), syntax))


@QUICK
@given(st.data(), st.randoms(use_true_random=False), st.sampled_from([EXPLICIT, IMPLICIT]))
def test_kinds_of_images_interleaved(
    data: st.DataObject, rng: random.Random, syntax: str
) -> None:
    files = []
    for kind in range(rng.choice([2, 3])):
        tree = data.draw(trees(syntax == IMPLICIT))
        files += series_of(rng, tree, rng.randrange(3, 7), syntax, kind=kind)
    rng.shuffle(files)
    check(files)
