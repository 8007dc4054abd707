"""The wide table: a row per instance, its attributes and what Taglake computes of them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import polars as pl

from ingest.flatten.assemble import Wanted, assemble
from ingest.flatten.computed import AS_TEXT, with_computed
from ingest.flatten.decoding import Decoded, Where
from ingest.flatten.dose import doses
from ingest.flatten.frames import summaries
from ingest.flatten.identity import identifies
from ingest.flatten.long import Indices
from ingest.flatten.places import Feed, attributes_of, feeds, places
from ingest.header.keys import Key, Keys
from ingest.header.outcome import Problem
from ingest.part import Part
from ingest.schema import ATTRIBUTES, TABLES, Column


def instances(
    part: Part,
    elements: Decoded,
    found: pl.DataFrame,
    template_of: Indices,
    secret: bytes,
    promoted: tuple[Column, ...],
) -> tuple[pl.DataFrame, list[Where]]:
    """The columns of ``instances`` but its keys, and what did not parse."""
    keys = part.vocabulary.keys
    wanted = _wanted(promoted)
    extra = places(promoted)
    open_ones = {column.name for column in promoted if not column.phi}

    def feeds_of(key: Key) -> tuple[Feed, ...]:
        own = attributes_of(key)
        if not promoted:
            return own
        # The promotion cannot know what a file calls a tag: an element that turns out to identify
        # fills no open column. Private ones were declared safe by whoever promoted them.
        hidden = identifies(key) and not key.tag >> 16 & 1
        return own + tuple(f for f in feeds(key, extra) if not (hidden and f.column in open_ones))

    made = assemble(elements.shared, elements.varying, keys, feeds_of, wanted, template_of)
    problems: list[Where] = []
    for is_shared, owner, key, text, number in made.failed.iter_rows():
        column = wanted.columns[number]
        observed = None if column.phi else text[:64]
        problem = Problem("value_unparsable", keys[key].path, _expected(column.dtype), observed)
        where = (None, owner) if is_shared else (owner, int(template_of[owner]))
        problems.append((*where, problem))
    frame = pl.DataFrame(list(made.columns.values()))
    frame = with_computed(frame, secret).with_columns(_of_files(part))
    frame = _with_frames(frame, found)
    frame = _with_doses(frame, elements, keys, template_of)
    frame = frame.with_columns(_protocols(elements, template_of))
    differs = frame["MediaStorageSOPInstanceUID"] != frame["SOPInstanceUID"]
    for i in np.flatnonzero(differs.fill_null(False).to_numpy()).tolist():
        problem = Problem("meta_mismatch", "00020003", "the SOPInstanceUID of the data set", None)
        problems.append((i, int(template_of[i]), problem))
    return frame, problems


@lru_cache(maxsize=1)
def _wanted(promoted: tuple[Column, ...]) -> Wanted:
    return Wanted.of((*ATTRIBUTES, *AS_TEXT, *promoted))


def _expected(dtype: pl.DataType) -> str:
    return {
        "Float64": "a number", "Int64": "a whole number", "Date": "a date YYYYMMDD",
        "Time": "a time HHMMSS.FFFFFF", "List(Float64)": "numbers", "List(Int64)": "whole numbers",
    }.get(str(dtype), "a date and time YYYYMMDDHHMMSS")  # fmt: skip


def _of_files(part: Part) -> list[pl.Series]:
    """What is known of an instance from its file and its header's shape."""
    instances, keys = part.instances, part.vocabulary.keys
    element = np.array(keys.each(lambda key: key.field is None), dtype=np.bool_)
    private = element & np.array(keys.each(lambda key: key.tag >> 16 & 1), dtype=np.bool_)
    n_elements, n_private = [], []
    for known in part.templates:
        own = np.array(known.tokens.keys, dtype=np.int64)
        n_elements.append(int(np.count_nonzero(element[own])))
        n_private.append(int(np.count_nonzero(private[own])))
    integer = pl.Int64
    return [
        pl.Series("file_size_bytes", [part.files[i.file].size for i in instances], integer),
        pl.Series("header_bytes", [i.header_bytes for i in instances], integer),
        pl.Series("pixel_data_bytes", [i.pixel_data_bytes for i in instances], integer),
        pl.Series("n_elements", [n_elements[i.template] for i in instances], integer),
        pl.Series("n_private_elements", [n_private[i.template] for i in instances], integer),
        pl.Series("truncation", [i.truncation for i in instances], pl.String),
        pl.Series("read_by", [i.read_by for i in instances], pl.String),
    ]


def _with_frames(frame: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    wanted = [c for c in TABLES["instances"].columns if c.name.startswith("frame_")]
    if found.is_empty():
        return frame.with_columns(pl.lit(None, dtype=c.dtype).alias(c.name) for c in wanted)
    return (
        frame.with_columns(instance=pl.int_range(pl.len(), dtype=pl.Int64))
        .join(summaries(found), on="instance", how="left", maintain_order="left")
        .drop("instance")
    )


def _with_doses(
    frame: pl.DataFrame, elements: Decoded, keys: Keys, template_of: Indices
) -> pl.DataFrame:
    found = doses(elements.shared, elements.varying, keys, template_of)
    index = pl.DataFrame({"instance": np.arange(len(template_of))}, schema={"instance": pl.Int64})
    joined = index.join(found, on="instance", how="left", maintain_order="left")
    return pl.concat([frame, joined.drop("instance")], how="horizontal")


def _protocols(elements: Decoded, template_of: Indices) -> pl.Series:
    """The fingerprint of each instance's protocol: its own, or that of its template."""
    shared, own = elements.protocols
    found: list[str | None] = [None] * len(template_of)
    for number, template in enumerate(template_of.tolist() if shared or own else ()):
        of_both = [best for best in (own.get(number), shared.get(template)) if best is not None]
        if of_both:
            found[number] = min(of_both).fingerprint
    return pl.Series("siemens_protocol_fingerprint", found, pl.String)
