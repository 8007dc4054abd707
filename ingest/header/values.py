"""Raw values as text and numbers, a column at a time.

A part's values come as one long column of bytes with a key each; they are grouped by how their VR
is decoded, and the distinct ones of each group, a tenth of all in real series, are decoded at once
by Polars.  Only what Polars cannot express - hashes, character sets, unknown binary, decoded vendor
fields - is done value by value.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from ingest.decoders.siemens_csa import text as field_text
from ingest.header import charset, vr
from ingest.header.keys import Key, Keys
from ingest.header.raw import HEX_BYTES, Hashed, Raw, hashed
from ingest.header.vocabulary import BULK

Indices = npt.NDArray[np.int64]
T = TypeVar("T")

POLARS_NUMBER: dict[str, type[pl.DataType]] = {
    "FL": pl.Float32, "FD": pl.Float64, "SL": pl.Int32, "SS": pl.Int16, "SV": pl.Int64,
    "UL": pl.UInt32, "US": pl.UInt16, "UV": pl.UInt64,
}  # fmt: skip

SCHEMA: dict[str, type[pl.DataType]] = {
    "text": pl.String, "number": pl.Float64, "byte_length": pl.Int64,
    "sha256": pl.String,
}  # fmt: skip


class Decoded(NamedTuple):
    """The distinct ``values``; ``place`` of a raw value is its row there; ``broken`` are the raw
    values whose text breaks a rule, with the name of that rule."""

    values: pl.DataFrame
    place: Indices
    broken: list[tuple[int, str]]


def kind(key: Key) -> str:
    """How values of this key are decoded."""
    if key.field is not None:
        return "field" if key.items is not None else "given"
    if key.tag in BULK or (key.tag >> 16 & 0xFF00 == 0x6000 and key.tag & 0xFFFF == 0x3000):
        return "bulk" if key.tag in BULK else "binary"
    if key.vr == "SQ":
        return "count"
    if key.vr in POLARS_NUMBER or key.vr in ("AT", "UN"):
        return key.vr
    if key.vr in ("DS", "IS"):
        return "decimal"
    if key.vr in vr.SINGLE_TEXT:
        return "paragraph"
    return "text" if key.vr in vr.TEXT else "binary"


def decode(
    keys: Keys,
    numbers: Indices,
    raw: Sequence[Raw],
    charset_of: Callable[[int], bytes | None],
) -> Decoded:
    """Decode ``raw``, whose keys are ``keys[numbers]``; ``charset_of`` a row is asked if needed."""
    code_of: dict[str, int] = {}
    kinds = [code_of.setdefault(name, len(code_of)) for name in keys.each(kind)]
    codes = np.array(kinds, dtype=np.int16)
    of_row = codes[numbers] if len(numbers) else np.empty(0, dtype=np.int16)
    every = np.fromiter(raw, dtype=object, count=len(raw))
    place = np.empty(len(raw), dtype=np.int64)
    frames = [pl.DataFrame(schema=SCHEMA)]
    broken: list[tuple[int, str]] = []
    sensitive = np.array(keys.each(lambda key: key.vr in vr.CHARSET_TEXT), dtype=bool)
    known = 0
    for name, code in code_of.items():
        rows = np.flatnonzero(of_row == code)
        if not len(rows):
            continue
        of_kind = every[rows].tolist()
        if name == "field":
            of_key = [(keys[n].items, keys[n].vr) for n in numbers[rows].tolist()]
            fields, index = _distinct(list(zip(of_kind, of_key, strict=True)))
            frame = _fields(fields)
        elif name in ("text", "paragraph", "decimal"):
            distinct, index = _distinct(of_kind)
            texts = _characters(distinct, index, rows, sensitive[numbers[rows]], charset_of, broken)
            frame = _text(texts, name)
        else:
            distinct, index = _distinct(of_kind)
            frame = BY_KIND[name](distinct)
        place[rows] = index + known
        known += frame.height
        frames.append(_complete(frame))
    return Decoded(pl.concat(frames), place, broken)


def _distinct(values: list[T]) -> tuple[list[T], Indices]:
    """The distinct ones, and which of them each is."""
    number: defaultdict[T, int] = defaultdict()
    number.default_factory = number.__len__  # a new one gets the next number
    index = np.fromiter(map(number.__getitem__, values), np.int64, len(values))
    return list(number), index


def _complete(frame: pl.DataFrame) -> pl.DataFrame:
    # by Series: a plan for each of a dozen kinds is a part's whole time if it has few rows
    given = frame.to_dict()
    nothing = pl.Series([None]).new_from_index(0, frame.height)
    return pl.DataFrame(
        [given.get(name, nothing).cast(dtype).alias(name) for name, dtype in SCHEMA.items()]
    )


def _characters(
    values: list[bytes],
    index: Indices,
    rows: Indices,
    sensitive: npt.NDArray[np.bool_],
    charset_of: Callable[[int], bytes | None],
    broken: list[tuple[int, str]],
) -> pl.Series:
    """Bytes as characters; ``index`` are the distinct ``values`` that ``rows`` have.

    What is not plain ASCII goes through the character set of its row, so that one value may be
    several: those are added behind the others, and ``index`` is changed.
    """
    odd = [i for i, value in enumerate(values) if not value.isascii() or b"\x1b" in value]
    if not odd:
        return pl.Series("text", values, dtype=pl.Binary).cast(pl.String)
    found: dict[tuple[int, bytes | None, bool], tuple[int, str | None]] = {}
    texts: list[str] = []
    for i in np.flatnonzero(np.isin(index, odd)).tolist():
        row, number = int(rows[i]), int(index[i])
        by_set = bool(sensitive[i])
        what = (number, charset_of(row) if by_set else None, by_set)
        if what not in found:
            value, rule = values[number], None
            text = value.decode("latin-1")
            if by_set:
                text, rule = charset.decode(value, what[1])
            found[what] = len(values) + len(texts), rule
            texts.append(text)
        index[i], rule = found[what]
        if rule:
            broken.append((row, rule))
    for number in odd:
        values[number] = b""
    plain = pl.Series("text", values, dtype=pl.Binary).cast(pl.String)
    return plain.append(pl.Series("text", texts, dtype=pl.String))


def _text(texts: pl.Series, name: str) -> pl.DataFrame:
    """Padding removed (PS3.5 6.2): trailing for paragraphs, around each value otherwise."""
    if name == "paragraph":
        return pl.DataFrame({"text": texts.str.strip_chars_end(" \0")})
    frame = pl.DataFrame({"text": texts.str.strip_chars(" \0")})
    padded = pl.col("text").str.contains(r"[ \x00]\\|\\[ \x00]")
    frame = frame.with_columns(
        pl.when(padded)
        .then(pl.col("text").str.replace_all(r"[ \x00]*\\[ \x00]*", "\\"))
        .otherwise(pl.col("text"))
    )
    if name == "text":
        return frame
    first = pl.col("text").str.extract(r"^([^\\]*)", 1).str.strip_chars()
    number = first.cast(pl.Float64, strict=False)
    return frame.with_columns(pl.when(number.is_finite()).then(number).alias("number"))


def _fields(fields: list[tuple[bytes, tuple[tuple[int, int] | None, str]]]) -> pl.DataFrame:
    """Regions of items with the VM and number of those, and their VR."""
    texts = []
    for region, (items, name) in fields:
        vm, n_items = items or (0, 0)
        texts.append(field_text(region, n_items, vm, name))
    return numbered(pl.Series("text", texts, dtype=pl.String))


def numbered(texts: pl.Series) -> pl.DataFrame:
    """Texts with the first value of each as a number, where it is one."""
    first = pl.col("text").str.extract(r"^\s*([^\\\s]+)", 1)
    number = first.cast(pl.Float64, strict=False)
    return pl.DataFrame({"text": texts}).with_columns(
        pl.when(number.is_finite()).then(number).alias("number")
    )


def _column(values: list[bytes]) -> pl.Series:
    return pl.Series(values, dtype=pl.Binary)


def _given(values: list[bytes]) -> pl.DataFrame:
    """Text of decoded fields, UTF-8 already."""
    return numbered(_column(values).cast(pl.String))


def _count(values: list[bytes]) -> pl.DataFrame:
    counts = _column(values).cast(pl.String)
    return pl.DataFrame({"number": counts.cast(pl.Float64, strict=False)})


def _bulk(values: list[bytes]) -> pl.DataFrame:
    lengths = _column(values).cast(pl.String)
    return pl.DataFrame({"byte_length": lengths.cast(pl.Int64, strict=False)})


def _number(name: str) -> Callable[[list[bytes]], pl.DataFrame]:
    dtype, size = POLARS_NUMBER[name], struct.calcsize(vr.NUMBER_FORMAT[name])

    def decode_numbers(raw: list[bytes]) -> pl.DataFrame:
        sizes = np.fromiter(map(len, raw), np.int64, len(raw))
        counts = sizes // size
        if (sizes % size).any():  # bytes that make no whole number are left out
            raw = [value[: len(value) // size * size] for value in raw]
        flat = pl.Series(np.frombuffer(b"".join(raw), dtype=NUMPY[dtype]))
        texts, numbers = _printed(flat), _finite(flat)
        if (counts == 1).all():
            return pl.DataFrame({"text": texts, "number": numbers})
        first = pl.Series(np.cumsum(counts) - counts).set(pl.Series(counts == 0), None)
        return pl.DataFrame({"text": _joined(texts, counts), "number": numbers.gather(first)})

    return decode_numbers


def _joined(texts: pl.Series, counts: Indices) -> pl.Series:
    """Texts of values that have so many numbers each, in their order."""
    none, several = counts == 0, counts > 1
    owner = np.repeat(np.arange(len(counts)), counts)
    more = several[owner]
    groups = pl.DataFrame({"owner": owner[more], "text": texts.filter(more)})
    made = groups.group_by("owner", maintain_order=True).agg(pl.col("text").str.join("\\"))
    found = pl.concat(
        [
            pl.repeat("", int(none.sum()), eager=True).alias("text"),
            texts.filter(~more),
            made["text"],
        ]
    )
    kinds = [np.flatnonzero(kind) for kind in (none, counts == 1, several)]
    return found.gather(np.argsort(np.concatenate(kinds)))


NUMPY: dict[type[pl.DataType], str] = {
    pl.Float32: "<f4", pl.Float64: "<f8", pl.Int32: "<i4", pl.Int16: "<i2", pl.Int64: "<i8",
    pl.UInt32: "<u4", pl.UInt16: "<u2", pl.UInt64: "<u8",
}  # fmt: skip


def _finite(numbers: pl.Series) -> pl.Series:
    """As float64, without those that are no numbers."""
    values = numbers.cast(pl.Float64)
    return values.set(~values.is_finite(), None)


def _printed(numbers: pl.Series) -> pl.Series:
    return numbers.cast(pl.String).alias("text")


def _tags(values: list[bytes]) -> pl.DataFrame:
    """AT: each tag as eight hexadecimal digits."""
    texts = []
    for value in values:
        words = struct.unpack_from(f"<{len(value) // 4 * 2}H", value)
        texts.append(
            "\\".join(f"{words[i]:04X}{words[i + 1]:04X}" for i in range(0, len(words), 2))
        )
    return pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)})


def _binary(values: Sequence[Raw]) -> pl.DataFrame:
    known = [value if isinstance(value, Hashed) else hashed(value) for value in values]
    return pl.DataFrame(
        {
            "byte_length": pl.Series([value.size for value in known], dtype=pl.Int64),
            "sha256": pl.Series([value.sha256 for value in known], dtype=pl.String),
        }
    )


PRINTABLE = bytes(range(0x20, 0x7F)) + b"\t\r\n"


def unknown_text(value: bytes) -> str | None:
    """The text in a value of unknown VR: nine tenths printable up to the first NUL, else None."""
    head = value.split(b"\0", 1)[0]
    if not head or len(head) - len(head.translate(None, PRINTABLE)) < 0.9 * len(head):
        return None
    return head.decode("latin-1").strip()


def _unknown(values: list[Raw]) -> pl.DataFrame:
    heads = [value.head if isinstance(value, Hashed) else value for value in values]
    readable = [unknown_text(head) for head in heads]
    texts = [
        text if text is not None else head[:HEX_BYTES].hex() or None
        for head, text in zip(heads, readable, strict=True)
    ]
    numbers = numbered(pl.Series("text", readable, dtype=pl.String))["number"]
    return _binary(values).with_columns(pl.Series("text", texts, dtype=pl.String), numbers)


BY_KIND: dict[str, Callable[[list[Any]], pl.DataFrame]] = {
    "count": _count, "given": _given, "bulk": _bulk, "AT": _tags, "binary": _binary, "UN": _unknown,
    **{name: _number(name) for name in POLARS_NUMBER},
}  # fmt: skip
