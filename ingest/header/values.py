"""Raw values as text and numbers, a column at a time.

A part's values come as one long column of bytes with a key each; they are grouped by how their VR
is decoded, and each group is decoded at once by Polars.  Only what Polars cannot express - hashes,
character sets, unknown binary, decoded vendor fields - is done value by value, and each distinct
value once.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from ingest.decoders.siemens_csa import text as field_text
from ingest.header import charset, vr
from ingest.header.vocabulary import BULK, Key

HEX_BYTES = 256
"""How much of an unknown binary value is kept as text, in hexadecimal."""

POLARS_NUMBER: dict[str, type[pl.DataType]] = {
    "FL": pl.Float32, "FD": pl.Float64, "SL": pl.Int32, "SS": pl.Int16, "SV": pl.Int64,
    "UL": pl.UInt32, "US": pl.UInt16, "UV": pl.UInt64,
}  # fmt: skip

SCHEMA: dict[str, type[pl.DataType]] = {
    "row": pl.UInt32, "text": pl.String, "number": pl.Float64, "byte_length": pl.Int64,
    "sha256": pl.String,
}  # fmt: skip


class Decoded(NamedTuple):
    """``values`` has a row for each raw value, in order; ``broken`` the rows whose text breaks a
    rule, with the name of that rule."""

    values: pl.DataFrame
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
    keys: Sequence[Key],
    numbers: np.ndarray,
    raw: Sequence[bytes],
    charset_of: Callable[[int], bytes | None],
) -> Decoded:
    """Decode ``raw``, whose keys are ``keys[numbers]``; ``charset_of`` a row is asked if needed."""
    code_of: dict[str, int] = {}
    codes = np.array([code_of.setdefault(kind(key), len(code_of)) for key in keys], dtype=np.int16)
    names = list(code_of)
    of_row = codes[numbers] if len(numbers) else np.empty(0, dtype=np.int16)
    frames = [pl.DataFrame(schema=SCHEMA)]
    broken: list[tuple[int, str]] = []
    sensitive = np.array([k.vr in vr.CHARSET_TEXT for k in keys], dtype=bool)
    for code, name in enumerate(names):
        rows = np.flatnonzero(of_row == code).astype(np.uint32)
        if not len(rows):
            continue
        of_kind = [raw[row] for row in rows.tolist()]
        if name in ("text", "paragraph", "decimal"):
            texts = _characters(of_kind, rows, sensitive[numbers[rows]], charset_of, broken)
            frame = _text(texts, name)
        elif name == "field":
            frame = _fields([keys[n] for n in numbers[rows]], of_kind)
        else:
            frame = BY_KIND[name](pl.Series(of_kind, dtype=pl.Binary))
        frames.append(_complete(frame.with_columns(pl.Series("row", rows))))
    return Decoded(pl.concat(frames).sort("row").drop("row"), broken)


def _complete(frame: pl.DataFrame) -> pl.DataFrame:
    missing = [pl.lit(None, dtype=t).alias(n) for n, t in SCHEMA.items() if n not in frame.columns]
    return frame.with_columns(missing).select(
        pl.col(name).cast(dtype) for name, dtype in SCHEMA.items()
    )


def _characters(
    values: list[bytes],
    rows: np.ndarray,
    sensitive: np.ndarray,
    charset_of: Callable[[int], bytes | None],
    broken: list[tuple[int, str]],
) -> pl.Series:
    """Bytes as characters; what is not plain ASCII goes through its character set."""
    everything = b"".join(values)
    replaced: dict[int, str] = {}
    if not everything.isascii() or b"\x1b" in everything:
        for i, value in enumerate(values):
            if value.isascii() and b"\x1b" not in value:
                continue
            values[i] = b""
            if sensitive[i]:
                replaced[i], rule = charset.decode(value, charset_of(int(rows[i])))
                if rule:
                    broken.append((int(rows[i]), rule))
            else:
                replaced[i] = value.decode("latin-1")
    text = pl.Series("text", values, dtype=pl.Binary).cast(pl.String)
    return text.scatter(list(replaced), list(replaced.values())) if replaced else text


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


def _fields(keys: list[Key], values: list[bytes]) -> pl.DataFrame:
    known: dict[tuple[bytes, tuple[int, int] | None, str], str] = {}
    texts = []
    for key, value in zip(keys, values, strict=True):
        what = (value, key.items, key.vr)
        found = known.get(what)
        if found is None:
            vm, n_items = key.items or (0, 0)
            found = known[what] = field_text(value, n_items, vm, key.vr)
        texts.append(found)
    return numbered(pl.Series("text", texts, dtype=pl.String))


def numbered(texts: pl.Series) -> pl.DataFrame:
    """Texts with the first value of each as a number, where it is one."""
    first = pl.col("text").str.extract(r"^\s*([^\\\s]+)", 1)
    number = first.cast(pl.Float64, strict=False)
    return pl.DataFrame({"text": texts}).with_columns(
        pl.when(number.is_finite()).then(number).alias("number")
    )


def _given(values: pl.Series) -> pl.DataFrame:
    """Text of decoded fields, UTF-8 already."""
    return numbered(values.cast(pl.String))


def _count(values: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"number": values.cast(pl.String).cast(pl.Float64, strict=False)})


def _bulk(values: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"byte_length": values.cast(pl.String).cast(pl.Int64, strict=False)})


def _number(name: str) -> Callable[[pl.Series], pl.DataFrame]:
    dtype, size = POLARS_NUMBER[name], struct.calcsize(vr.NUMBER_FORMAT[name])

    def decode_numbers(values: pl.Series) -> pl.DataFrame:
        sizes = values.bin.size()
        if (sizes == size).all():
            numbers = values.bin.reinterpret(dtype=dtype(), endianness="little")
            return pl.DataFrame({"text": _printed(numbers), "number": _finite(numbers)})
        frame = pl.DataFrame({"raw": values, "order": np.arange(len(values)), "size": sizes})
        parts = []
        for (length,), part in frame.group_by("size"):
            parts.append(_several(part, int(str(length)) // size, size, dtype))
        return pl.concat(parts).sort("order").select("text", "number")

    return decode_numbers


def _several(
    part: pl.DataFrame, count: int, size: int, dtype: type[pl.DataType]
) -> pl.DataFrame:
    """Values of ``count`` numbers each; bytes that make no whole number are left out."""
    if not count:
        return part.select("order", text=pl.lit(""), number=pl.lit(None, dtype=pl.Float64))
    flat = np.frombuffer(
        b"".join(raw[: count * size] for raw in part["raw"]), dtype=NUMPY[dtype]
    )
    texts = _printed(pl.Series("text", flat)).to_frame().with_columns(
        owner=np.repeat(np.arange(len(part)), count)
    )
    joined = texts.group_by("owner", maintain_order=True).agg(pl.col("text").str.join("\\"))
    numbers = _finite(pl.Series("number", flat[::count]))
    return pl.DataFrame({"order": part["order"], "text": joined["text"], "number": numbers})


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


def _tags(values: pl.Series) -> pl.DataFrame:
    """AT: each tag as eight hexadecimal digits."""
    texts = []
    for value in values:
        words = struct.unpack_from(f"<{len(value) // 4 * 2}H", value)
        texts.append(
            "\\".join(f"{words[i]:04X}{words[i + 1]:04X}" for i in range(0, len(words), 2))
        )
    return pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)})


def _binary(values: pl.Series) -> pl.DataFrame:
    hashes = [hashlib.sha256(value).hexdigest() if value else None for value in values]
    return pl.DataFrame(
        {
            "byte_length": values.bin.size().cast(pl.Int64),
            "sha256": pl.Series(hashes, dtype=pl.String),
        }
    )


PRINTABLE = bytes(range(0x20, 0x7F)) + b"\t\r\n"


def unknown_text(value: bytes) -> str | None:
    """The text in a value of unknown VR: nine tenths printable up to the first NUL, else None."""
    head = value.split(b"\0", 1)[0]
    if not head or len(head) - len(head.translate(None, PRINTABLE)) < 0.9 * len(head):
        return None
    return head.decode("latin-1").strip()


def _unknown(values: pl.Series) -> pl.DataFrame:
    texts = []
    for value in values:
        text = unknown_text(value)
        texts.append(text if text is not None else value[:HEX_BYTES].hex() or None)
    frame = _binary(values)
    readable = [unknown_text(value) for value in values]
    numbers = numbered(pl.Series("text", readable, dtype=pl.String))["number"]
    return frame.with_columns(pl.Series("text", texts, dtype=pl.String), numbers)


BY_KIND: dict[str, Callable[[pl.Series], pl.DataFrame]] = {
    "count": _count, "given": _given, "bulk": _bulk, "AT": _tags, "binary": _binary, "UN": _unknown,
    **{name: _number(name) for name in POLARS_NUMBER},
}  # fmt: skip

UNREADABLE = frozenset(["OB", "OD", "OF", "OL", "OV", "OW", "UN"])
"""VRs whose values are shown as length and hash, or as hexadecimal digits."""
