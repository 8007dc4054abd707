"""Elements to columns: a part's raw bytes become the tables of the schema, column by column.

Nothing here looks at one value after another where Polars can look at a column of them.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import polars as pl

from ingest.decoders.private_class import private_class
from ingest.flatten import rows
from ingest.flatten.assemble import Indices, Long, assemble
from ingest.flatten.computed import with_computed
from ingest.flatten.dose import doses
from ingest.flatten.frames import frames, summaries
from ingest.flatten.identity import identifies
from ingest.flatten.places import Feed, attributes_of, feeds, places
from ingest.flatten.radiopharmaceuticals import items
from ingest.header import dictionary, values
from ingest.header.reading import Problem
from ingest.header.tokens import Tokens
from ingest.header.vocabulary import Key
from ingest.part import Part
from ingest.schema import ATTRIBUTES, TABLES, Column

C = pl.col


class Sides(NamedTuple):
    """The rows of a table under ``open/`` and under ``phi/``; None where it has none there."""

    open: pl.DataFrame | None
    phi: pl.DataFrame | None


class Decoded(NamedTuple):
    """The element rows of a part, decoded."""

    shared: Long
    varying: Long
    problems: list[tuple[int | None, int, Problem]]  # instance, template


def flatten(
    part: Part, number: int, run_id: str, secret: bytes, promoted: tuple[Column, ...] = ()
) -> dict[str, Sides]:
    """The tables of a part; ``number`` is unique in the databank and makes the keys unique.

    ``promoted`` are columns that the databank adds to ``instances``.
    """
    base = number << 32
    template_of = np.array([i.template for i in part.instances], dtype=np.int64)
    elements = _decode(part, template_of)
    keys = part.vocabulary.keys
    found = frames(elements.shared, elements.varying, keys, template_of)
    instances, problems = _instances(part, elements, found, template_of, secret, promoted)
    file_of = pl.Series([i.file for i in part.instances], dtype=pl.Int64)
    problems += elements.problems
    instance_id, header_id = file_of + base, pl.Series(template_of) + base
    instances = instances.with_columns(instance_id=instance_id, header_id=header_id)
    nameless = instances["SOPInstanceUID"].is_null()
    files = _files(part, instances, file_of, base, run_id)
    identifying = np.array([identifies(key) for key in keys], dtype=bool)
    phi_names = [c.name for c in (*TABLES["instances"].columns, *promoted) if c.phi]
    kept = instances.filter(~nameless)
    return {
        "files": files,
        "instances": Sides(kept.drop(phi_names), kept.select("instance_id", *phi_names)),
        "headers": Sides(_headers(part, elements.shared, base), None),
        "element_keys": Sides(_element_keys(keys, base), None),
        "header_elements": _elements(elements.shared, identifying, "header_id", base, None),
        "instance_elements": _elements(
            elements.varying, identifying, "instance_id", base, instance_id
        ),
        "frames": Sides(_frames(found, instance_id), None),
        "radiopharmaceuticals": Sides(items(elements.shared, keys, base), None),
        "problems": Sides(_problems(part, problems, keys, identifying, file_of, base), None),
    }


def elements_of(part: Part) -> pl.DataFrame:
    """The elements of a part's one instance: the columns of a key, then those of a value."""
    template_of = np.array([i.template for i in part.instances], dtype=np.int64)
    found = _decode(part, template_of)
    keys = _element_keys(part.vocabulary.keys, 0)
    rows = pl.concat([found.shared.frame, found.varying.frame]).join(
        keys.rename({"key_id": "key"}), on="key"
    )
    names = [c.name for c in TABLES["elements"].columns]
    return in_file_order(rows).select(n for n in names if n in rows.columns)


def in_file_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Element rows by ``path``: tags ascending, items by their number, as a file has them."""
    natural = C("path").str.replace_all(r"\[(\d)\]", "[0000000$1]")
    for digits in range(2, 8):
        natural = natural.str.replace_all(
            rf"\[(\d{{{digits}}})\]", "[" + "0" * (8 - digits) + "$1]"
        )
    return rows.sort(natural, maintain_order=True)


def _decode(part: Part, template_of: Indices) -> Decoded:
    inline = rows.inline_keys(part)
    shared, of_templates = rows.decoded(part, rows.shared(part), inline)
    varying, of_instances = rows.decoded(part, rows.varying(part), inline)
    charsets = [_charsets(known.tokens) for known in part.templates]
    boundary = len(shared.raw)

    def charset_of(row: int) -> bytes | None:
        if row < boundary:
            owner, key = int(shared.owner[row]), int(shared.key[row])
        else:
            owner = int(template_of[varying.owner[row - boundary]])
            key = int(varying.key[row - boundary])
        of_items = charsets[owner]
        return of_items.get(key, part.templates[owner].tokens.charset)

    every_key = np.concatenate([shared.key, varying.key])
    decoded = values.decode(part.vocabulary.keys, every_key, shared.raw + varying.raw, charset_of)
    problems: list[tuple[int | None, int, Problem]] = [
        (None, owner, problem) for owner, problem in of_templates
    ]
    problems += [(i, int(template_of[i]), problem) for i, problem in of_instances]
    for row, rule in decoded.broken:
        path = part.vocabulary.keys[int(every_key[row])].path
        problem = Problem(rule, path, "text in SpecificCharacterSet", None)
        if row < boundary:
            problems.append((None, int(shared.owner[row]), problem))
        else:
            instance = int(varying.owner[row - boundary])
            problems.append((instance, int(template_of[instance]), problem))
    frame = decoded.values.with_columns(
        owner=np.concatenate([shared.owner, varying.owner]), key=every_key
    )
    return Decoded(
        Long(frame[:boundary], len(part.templates)),
        Long(frame[boundary:], len(part.instances)),
        problems,
    )


def _charsets(tokens: Tokens) -> dict[int, bytes]:
    """The character set of elements in items that have their own, by key."""
    found: dict[int, bytes] = {}
    for first, last, charset in reversed(tokens.charsets):  # inner items were noted first
        for token in range(first, last):
            found[tokens.keys[token]] = charset
    return found


def _instances(
    part: Part,
    elements: Decoded,
    found: pl.DataFrame,
    template_of: Indices,
    secret: bytes,
    promoted: tuple[Column, ...],
) -> tuple[pl.DataFrame, list[tuple[int | None, int, Problem]]]:
    """The columns of ``instances`` but its keys, and what did not parse."""
    keys = part.vocabulary.keys
    extra = places(promoted)

    def feeds_of(key: Key) -> tuple[Feed, ...]:
        return attributes_of(key) + feeds(key, extra) if promoted else attributes_of(key)

    columns = (*ATTRIBUTES, *promoted)
    made = assemble(elements.shared, elements.varying, keys, feeds_of, columns, template_of)
    problems: list[tuple[int | None, int, Problem]] = []
    for is_shared, owner, key, text, number in made.failed.iter_rows():
        column = columns[number]
        observed = None if column.phi else text[:64]
        problem = Problem("value_unparsable", keys[key].path, _expected(column.dtype), observed)
        where = (None, owner) if is_shared else (owner, int(template_of[owner]))
        problems.append((*where, problem))
    frame = pl.DataFrame(made.columns)
    frame = with_computed(frame, secret).with_columns(_of_files(part))
    frame = _with_frames(frame, found)
    frame = _with_doses(frame, elements, keys, template_of)
    differs = frame["MediaStorageSOPInstanceUID"] != frame["SOPInstanceUID"]
    for i in np.flatnonzero(differs.fill_null(False).to_numpy()).tolist():
        problem = Problem("meta_mismatch", "00020003", "the SOPInstanceUID of the data set", None)
        problems.append((i, int(template_of[i]), problem))
    return frame, problems


def _expected(dtype: pl.DataType) -> str:
    return {
        "Float64": "a number", "Int64": "a whole number", "Date": "a date YYYYMMDD",
        "Time": "a time HHMMSS.FFFFFF", "List(Float64)": "numbers", "List(Int64)": "whole numbers",
    }.get(str(dtype), "a date and time YYYYMMDDHHMMSS")  # fmt: skip


def _of_files(part: Part) -> list[pl.Series]:
    """What is known of an instance from its file and its header's shape."""
    instances, keys = part.instances, part.vocabulary.keys
    private = [key.tag >> 16 & 1 for key in keys]
    fields = [key.field is not None for key in keys]
    n_elements, n_private = [], []
    for known in part.templates:
        own = [number for number in known.tokens.keys if not fields[number]]
        n_elements.append(len(own))
        n_private.append(sum(private[number] for number in own))
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
    frame: pl.DataFrame, elements: Decoded, keys: list[Key], template_of: Indices
) -> pl.DataFrame:
    of_template = doses(elements.shared, keys)
    owner = pl.DataFrame({"owner": template_of}, schema={"owner": pl.Int64})
    joined = owner.join(of_template, on="owner", how="left", maintain_order="left")
    return pl.concat([frame, joined.drop("owner")], how="horizontal")


def _files(
    part: Part, instances: pl.DataFrame, file_of: pl.Series, base: int, run_id: str
) -> Sides:
    files = part.files
    frame = pl.DataFrame(
        {
            "file_id": pl.int_range(base, base + len(files), eager=True),
            "run_id": pl.Series([run_id] * len(files), dtype=pl.String),
            "uri": pl.Series([f.uri for f in files], dtype=pl.String),
            "container": pl.Series([f.container for f in files], dtype=pl.String),
            "size": pl.Series([f.size for f in files], dtype=pl.Int64),
            "mtime": pl.Series([f.mtime for f in files], dtype=pl.Int64),
            "status": pl.Series([f.status for f in files], dtype=pl.String),
            "reason": pl.Series([f.reason for f in files], dtype=pl.String),
        }
    )
    uids = pl.DataFrame({"file_id": file_of + base, "SOPInstanceUID": instances["SOPInstanceUID"]})
    frame = frame.join(uids, on="file_id", how="left", maintain_order="left")
    nameless = (C("status") == "ok") & C("SOPInstanceUID").is_null()
    frame = frame.with_columns(
        pl.when(nameless).then(pl.lit("error")).otherwise("status").alias("status"),
        pl.when(nameless).then(pl.lit("no SOPInstanceUID")).otherwise("reason").alias("reason"),
    )
    return Sides(frame.drop("uri", "container"), frame.select("file_id", "uri", "container"))


def _element_keys(keys: list[Key], base: int) -> pl.DataFrame:
    decoded = {(k.scope, k.tag) for k in keys if k.field is not None}
    made = [
        (k.path, *_described(k.tag, k.vr, k.creator, k.field, (k.scope, k.tag) in decoded))
        for k in keys
    ]
    names = ["path", "tag", "keyword", "name", "creator", "vr", "private_class"]
    frame = pl.DataFrame(made, schema=dict.fromkeys(names, pl.String), orient="row")
    return frame.with_columns(key_id=pl.int_range(base, base + len(keys), eager=True))


@lru_cache(maxsize=1 << 16)
def _described(
    tag: int, vr: str, creator: str | None, field: str | None, is_decoded: bool
) -> tuple[str | None, ...]:
    """All of a row of ``element_keys`` but its path."""
    entry = dictionary.entry(tag, creator)
    private = None
    if tag >> 16 & 1:
        readable = vr not in values.UNREADABLE
        private = private_class(creator, tag >> 16, tag & 0xFF, is_decoded, readable)
    name = field if field is not None else entry.name
    return f"{tag:08X}", entry.keyword, name, creator, vr, private


def _elements(
    long: Long, identifying: Indices, owner: str, base: int, ids: pl.Series | None
) -> Sides:
    frame = long.frame
    if frame.is_empty():
        return Sides(None, None)
    owners = frame["owner"] + base if ids is None else ids.gather(frame["owner"])
    made = frame.select(
        owners.alias(owner),
        (C("key") + base).alias("key_id"),
        "text",
        "number",
        "byte_length",
        "sha256",
    ).with_columns(_phi=pl.Series(identifying[frame["key"].to_numpy()]))
    made = made.sort(owner, "key_id")
    return Sides(made.filter(~C("_phi")).drop("_phi"), made.filter("_phi").drop("_phi"))


def _headers(part: Part, shared: Long, base: int) -> pl.DataFrame:
    keys = part.vocabulary.keys
    series = {number for number, key in enumerate(keys) if key.tag == 0x0020000E and not key.scope}
    own = shared.frame.filter(C("key").is_in(list(series)))
    uids = dict(own.select("owner", "text").iter_rows())
    varying = [len(known.program.slots) if known.program else 0 for known in part.templates]
    constant = [len(k.tokens.keys) - v for k, v in zip(part.templates, varying, strict=True)]
    return pl.DataFrame(
        {
            "header_id": pl.int_range(base, base + len(part.templates), eager=True),
            "SeriesInstanceUID": pl.Series(
                [uids.get(known.number) or None for known in part.templates], dtype=pl.String
            ),
            "n_constant": pl.Series(constant, dtype=pl.Int64),
            "n_varying": pl.Series(varying, dtype=pl.Int64),
            "private_fingerprint": pl.Series(_fingerprints(part), dtype=pl.String),
        }
    )


def _short(value: bytes) -> str:
    """A value hash; values shorter than one stand for themselves, which is faster and no weaker."""
    return value.hex() if len(value) < 32 else hashlib.sha256(value).hexdigest()


def _fingerprints(part: Part) -> list[str | None]:
    """SHA-256 over the sorted ``creator|group|offset|value hash`` of what a header shares."""
    keys = part.vocabulary.keys
    names: dict[int, str] = {}
    for number, key in enumerate(keys):
        group, element = key.tag >> 16, key.tag & 0xFFFF
        if group & 1 and element > 0xFF and key.field is None:
            names[number] = f"{key.creator or ''}|{group:04X}|{element & 0xFF:02X}|"
    found: list[str | None] = []
    for known in part.templates:
        own = frozenset(known.program.slots) if known.program else frozenset()
        tokens = known.tokens
        lines = sorted(
            names[key] + _short(tokens.value(token))
            for token, key in enumerate(tokens.keys)
            if key in names and token not in own
        )
        found.append(hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else None)
    return found


def _frames(found: pl.DataFrame, instance_id: pl.Series) -> pl.DataFrame | None:
    if found.is_empty():
        return None
    return found.with_columns(instance_id=instance_id.gather(found["instance"])).drop("instance")


def _problems(
    part: Part,
    problems: list[tuple[int | None, int, Problem]],
    keys: list[Key],
    identifying: Indices,
    file_of: pl.Series,
    base: int,
) -> pl.DataFrame | None:
    every = [*part.problems, *problems]
    if not every:
        return None
    secret = {keys[number].path for number in np.flatnonzero(identifying).tolist()}
    made = [
        (
            None if instance is None else int(file_of[instance]) + base,
            template + base,
            problem.rule,
            problem.path,
            problem.expected,
            None if problem.path in secret else problem.observed,
        )
        for instance, template, problem in every
    ]
    schema = TABLES["problems"].schema()
    return pl.DataFrame(made, schema=schema, orient="row")
