"""On every real file the elements equal pydicom's: path, VR and value.

Deliberate differences, and there are no others:

* padding: spaces around each value of a VR that allows it are removed (pydicom keeps leading ones);
* UN that holds an encoded sequence is a sequence here, with its items (PS3.5 6.2.2 note 3);
* text that its character set does not allow: pydicom replaces or guesses Latin-1, Taglake tries
  UTF-8 first and reports it;
* of a file that ends inside a value pydicom keeps what is there, Taglake drops and reports it;
* private elements that the vendors document and pydicom's dictionary lacks
  (``ingest.decoders.names``) have their VR where pydicom keeps UN;
* a UN value that has text shows it; the comparison is by length and hash.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pydicom.data
import pytest

from ingest.decoders.names import NAMES
from ingest.describe import Described, Element
from ingest.flatten import Sides, elements, flatten
from ingest.header.outcome import Header
from ingest.part import Part, Template
from ingest.schema import TABLES
from tests import pydicom_oracle
from tests.pydicom_oracle import FORMATS, TEXT, Value
from tests.shared_data import needs_dicom, sources

SECRET = bytes(32)
OWNERS = {"file": pl.Int64, "header_id": pl.Int64}
ROW = ("path", "vr", "private_class", "text", "number", "byte_length", "sha256")


def same(mine: Element, expected: Value) -> bool:
    """Whether an element has the VR and value that pydicom gives it."""
    if mine.vr != expected.vr:
        return False
    if mine.vr == "SQ":
        return mine.number == expected.value
    if mine.vr in FORMATS:
        texts = mine.text.split("\\") if mine.text else []
        if len(texts) != len(expected.value):
            return False
        if mine.vr == "FL":
            pairs = zip(map(np.float32, texts), map(np.float32, expected.value), strict=True)
        else:
            kind: Any = float if mine.vr == "FD" else int
            pairs = zip(map(kind, texts), expected.value, strict=True)
        return all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in pairs)
    if mine.vr == "AT":
        return (mine.text or "") == "\\".join(expected.value)
    if mine.vr in TEXT:
        return (mine.text or "") == expected.value
    if isinstance(expected.value, int):
        return mine.byte_length == expected.value
    return (mine.byte_length or 0, mine.sha256) == expected.value


def differences(found: Described, path: Path) -> list[str]:
    """What differs from pydicom, but for the deliberate differences."""
    expected = pydicom_oracle.elements(path)
    mine = {e.path: e for e in found.elements if "/" not in e.path}
    unwrapped = tuple(
        f"{e.path}[" for e in mine.values() if e.vr == "SQ" and expected.get(e.path, e).vr == "UN"
    )
    wrong = []
    for name in mine.keys() | expected.keys():
        if name.startswith(unwrapped):
            continue
        a, b = mine.get(name), expected.get(name)
        if a is not None and b is not None:
            if f"{name}[" in unwrapped or same(a, b) or guessed(a, b) or named_here(a, b):
                continue
            wrong.append(f"{name}: {a.vr} {a.text!r:.60} {a.byte_length} is not {b!r:.80}")
        else:
            wrong.append(f"{name}: only {'here' if b is None else 'in pydicom'} {a or b!r:.80}")
    return wrong


def named_here(mine: Element, expected: Value) -> bool:
    """A private element that only Taglake's table of names knows."""
    where = (mine.creator or "", int(mine.tag[:4], 16), int(mine.tag[6:], 16))
    return expected.vr == "UN" and where in NAMES and mine.vr == NAMES[where][0]


def guessed(mine: Element, expected: Value) -> bool:
    """Text its character set does not allow: ours is UTF-8 or Latin-1 of the same bytes."""
    if mine.vr not in TEXT or mine.text is None or not isinstance(expected.value, str):
        return False
    if "\ufffd" in expected.value or "\\x" in expected.value:
        return True
    return mine.text.encode("utf-8") == expected.value.encode("latin-1", "replace")


@needs_dicom
@pytest.mark.parametrize("source", sources())
def test_every_element_of_real_files(source: str) -> None:
    as_pydicom_reads_them(sources()[source])


def test_every_element_of_the_files_that_pydicom_brings() -> None:
    """They are there wherever Taglake is."""
    brought = Path(pydicom.data.__file__).parent
    found = sorted(path for path in brought.rglob("*") if path.is_file())
    assert as_pydicom_reads_them(found) >= 170


class InFull(Part):
    """Reads every header in full, whatever was read before."""

    def _candidates(self, head: bytes) -> list[Template]:
        return []

    def _widen(self, known: Template, header: Header, *, any_series: bool = False) -> bool:
        return False


def as_pydicom_reads_them(paths: Sequence[Path]) -> int:
    """Compares all files that are whole, read in full and through templates; how many."""
    in_full, through = InFull(), Part()
    for path in paths:
        for part in (in_full, through):
            part.add_path(str(path), str(path), path.stat().st_size, 0)
    assert [file.status for file in in_full.files] == [file.status for file in through.files]
    compared, found = 0, elements(in_full)
    distinct = list(map(Element._make, found.rows.iter_rows()))
    for instance, rows in zip(in_full.instances, found.of_instance, strict=True):
        path, file = paths[instance.file], in_full.files[instance.file]
        own = tuple(distinct[row] for row in rows.tolist())
        if instance.truncation is None:
            described = Described(file.uri, file.size, file.status, file.reason, own)
            assert differences(described, path) == [], path
            compared += 1
    if through.instances:
        files = np.array([instance.file for instance in in_full.instances], dtype=np.int64)
        of_file = pl.Series("file", files.repeat([len(rows) for rows in found.of_instance]))
        alone = found.rows[np.concatenate(found.of_instance)].with_columns(of_file)
        tables = flatten(through, 0, "run", SECRET)
        same_elements(read_together(through, tables), alone.select("file", *ROW))
    return compared


def in_series_equal_alone(
    part: Part, tables: Mapping[str, Sides], alone: Mapping[str, Described]
) -> None:
    """Files that were read among others - through templates - have the elements they have alone.

    ``tables`` are those of the part.
    """
    rows = [
        (instance.file, *(getattr(element, name) for name in ROW))
        for instance in part.instances
        for element in alone[part.files[instance.file].uri].elements
    ]
    types = TABLES["elements"].schema()
    schema = {"file": pl.Int64} | {name: types[name] for name in ROW}
    same_elements(read_together(part, tables), pl.DataFrame(rows, schema, orient="row"))


def read_together(part: Part, tables: Mapping[str, Sides]) -> pl.DataFrame:
    """The elements of each file in the tables of a part: those of its header, and its own."""
    keys = tables["element_keys"].open
    assert keys is not None
    owners = pl.DataFrame([(i.file, i.template) for i in part.instances], OWNERS, orient="row")
    shared = owners.join(both_sides(tables, "header_elements"), on="header_id")
    own = both_sides(tables, "instance_elements").rename({"instance_id": "file"})
    found = pl.concat([shared.drop("header_id"), own], how="diagonal")
    return found.join(keys, on="key_id").select("file", *ROW)


def both_sides(tables: Mapping[str, Sides], name: str) -> pl.DataFrame:
    sides = [side for side in tables[name] if side is not None]
    return pl.concat([pl.DataFrame(schema=TABLES[name].schema()), *sides])


def same_elements(found: pl.DataFrame, expected: pl.DataFrame) -> None:
    """Rows may stand in any order, and as often in one as in the other."""
    one, other = (frame.group_by(frame.columns).len() for frame in (found, expected))
    for some, others in ((one, other), (other, one)):
        assert some.join(others, on=some.columns, how="anti", nulls_equal=True).head(5).rows() == []
