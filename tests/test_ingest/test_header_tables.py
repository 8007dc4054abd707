"""The tables of pydicom without pydicom, and values that are decoded once for many rows."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pydicom import _dicom_dict, _private_dict
from pydicom.charset import decode_bytes, python_encoding

from ingest.header import charset, dictionary, values
from ingest.header.keys import Key, Keys

ROOT = Path(__file__).parents[2]


def imported(module: str) -> set[str]:
    """The packages that a process has which imported a module."""
    program = f"import sys, {module}; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_who_reads_headers_imports_no_pydicom() -> None:
    assert not {"pydicom", "pyarrow", "requests"} & imported("ingest.worker")


def test_who_plans_imports_nothing_that_only_readers_need() -> None:
    program = "import sys, ingest.pipeline; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = set(done.stdout.split())
    assert not {"numpy", "pydicom", "pyarrow", "ingest.flatten", "ingest.part"} & names


def test_the_tables_are_those_of_pydicom() -> None:
    assert dictionary._standard() == _dicom_dict.DicomDictionary
    assert dictionary._vendors() == _private_dict.private_dictionaries
    assert len(dictionary._repeaters()) == len(_dicom_dict.RepeatersDictionary)


@pytest.mark.parametrize("name", sorted(charset.SIMPLE))
@pytest.mark.parametrize("raw", [b"", b"plain", "Müller^Å".encode("latin-1"), "Ünï^日本".encode()])
def test_simple_character_sets_are_decoded_as_pydicom_does(name: bytes, raw: bytes) -> None:
    encoding = python_encoding[name.decode()]
    try:
        expected: tuple[str, str | None] = raw.decode(encoding), None
        assert decode_bytes(raw, [encoding], charset.DELIMITERS) == expected[0]
    except UnicodeDecodeError:
        expected = raw.decode("latin-1"), "text_undecodable"
    assert charset.decode(raw, name) == expected


NAME, CODE, ID = Key("", 0x00100010, "PN"), Key("", 0x00080060, "CS"), Key("", 0x00100020, "LO")
WORDS, COUNT = Key("", 0x00281201, "OW"), Key("", 0x00280010, "US")


def test_a_value_that_many_rows_have_is_decoded_once() -> None:
    keys = Keys([ID, COUNT])
    raw = [b"A ", b"\1\0", b"B", b"A ", b"\1\0", b"A"]
    numbers = np.array([0, 1, 0, 0, 1, 0])
    found = values.decode(keys, numbers, raw, lambda row: None)
    assert found.values.height == 4
    rows = found.values[found.place]
    assert rows["text"].to_list() == ["A", "1", "B", "A", "1", "A"]
    assert rows["number"].to_list() == [None, 1.0, None, None, 1.0, None]


def test_the_same_bytes_in_several_character_sets() -> None:
    raw = ["é".encode()] * 5 + [b"plain"]
    sets = [b"ISO_IR 192", b"ISO_IR 100", b"ISO_IR 192", None, b"ISO_IR 100", None]
    numbers = np.array([0, 0, 0, 0, 1, 0])  # the code has no character set
    found = values.decode(Keys([NAME, CODE]), numbers, raw, lambda row: sets[row])
    texts = found.values[found.place]["text"].to_list()
    assert texts == ["é", "Ã©", "é", "é", "Ã©", "plain"]
    assert found.broken == [(3, "text_undecodable")]


def test_a_hashed_value_is_what_its_bytes_are() -> None:
    data = [b"", b"\0\1", b"x" * 5000]
    raw: list[values.Raw] = [*data, *map(values.hashed, data)]
    rows = values.decode(Keys([WORDS]), np.zeros(6, dtype=np.int64), raw, lambda row: None)
    found = rows.values[rows.place]
    assert found["byte_length"].to_list() == [0, 2, 5000] * 2
    hashes = [None, *(hashlib.sha256(value).hexdigest() for value in data[1:])]
    assert found["sha256"].to_list() == hashes * 2
