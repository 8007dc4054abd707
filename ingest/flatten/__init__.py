"""Elements to columns: a part's raw bytes become the tables of the schema, column by column.

Nothing here looks at one value after another where Polars can look at a column of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from ingest.flatten.decoding import Where, decode
from ingest.flatten.frames import frames
from ingest.flatten.headers import headers
from ingest.flatten.identity import identifies
from ingest.flatten.instances import instances
from ingest.flatten.keys import element_keys
from ingest.flatten.long import Indices, Long, Mask
from ingest.flatten.radiopharmaceuticals import items
from ingest.header.keys import Keys
from ingest.part import Part
from ingest.schema import TABLES, Column

C = pl.col


class Sides(NamedTuple):
    """The rows of a table under ``open/`` and under ``phi/``; None where it has none there."""

    open: pl.DataFrame | None
    phi: pl.DataFrame | None


def flatten(
    part: Part, number: int, run_id: str, secret: bytes, promoted: tuple[Column, ...] = ()
) -> dict[str, Sides]:
    """The tables of a part; ``number`` is unique in the databank and makes the keys unique.

    ``promoted`` are columns that the databank adds to ``instances``.
    """
    base, keys = number << 32, part.vocabulary.keys
    template_of = np.array([i.template for i in part.instances], dtype=np.int64)
    elements = decode(part, template_of)
    identifying = np.array(keys.each(identifies), dtype=bool)
    found = frames(elements.shared, elements.varying, keys, template_of)
    wide, problems = instances(part, elements, found, template_of, secret, promoted)
    file_of = pl.Series([i.file for i in part.instances], dtype=pl.Int64)
    # An instance without a name cannot be one: its file is an error, and nothing of it is kept.
    named = wide["SOPInstanceUID"].is_not_null()
    instance_id = (file_of + base).set(~named, None)
    wide = wide.with_columns(instance_id=instance_id, header_id=pl.Series(template_of) + base)
    phi = [c.name for c in (*TABLES["instances"].columns, *promoted) if c.phi]
    kept = wide.filter(named)
    problems = [*part.problems, *elements.problems, *problems]
    return {
        "files": _files(part, wide, file_of, base, run_id),
        "instances": Sides(kept.drop(phi), kept.select("instance_id", *phi)),
        "headers": Sides(headers(part, elements.shared, base), None),
        "element_keys": Sides(element_keys(keys, base), None),
        "header_elements": _elements(elements.shared, identifying, "header_id", base, None),
        "instance_elements": _elements(
            elements.varying, identifying, "instance_id", base, instance_id
        ),
        "frames": Sides(_frames(found, instance_id), None),
        "radiopharmaceuticals": Sides(items(elements.shared, keys, base), None),
        "problems": Sides(_problems(problems, keys, identifying, instance_id, base), None),
    }


class Elements(NamedTuple):
    """The distinct elements of a part, columns of a key before those of a value; and for each of
    its instances which of these rows it has, in the order of its file."""

    rows: pl.DataFrame
    of_instance: list[Indices]

    def of(self, instance: int) -> pl.DataFrame:
        """The elements of the instance of that number."""
        return self.rows[self.of_instance[instance]]


def elements(part: Part) -> Elements:
    """The elements of a part's instances, each distinct one once."""
    template_of = np.array([i.template for i in part.instances], dtype=np.int64)
    shared, varying, *_ = decode(part, template_of)
    n_values = max(shared.values.height, 1)
    pairs = np.concatenate([long.key * n_values + long.value for long in (shared, varying)])
    distinct, row = np.unique(pairs, return_inverse=True)
    key, value = distinct // n_values, distinct % n_values
    keys = element_keys(part.vocabulary.keys, 0).drop("key_id")
    place = _places_in_file(keys["path"])[key]
    of_template = _by_owner(shared, row[: len(shared.key)])
    own = _by_owner(varying, row[len(shared.key) :])
    of_instance = []
    for template, mine in zip(template_of.tolist(), own, strict=True):
        rows = np.concatenate([of_template[template], mine])
        of_instance.append(rows[np.argsort(place[rows], kind="stable")])
    found = pl.concat([keys[key], shared.values[value]], how="horizontal")
    names = [c.name for c in TABLES["elements"].columns]
    return Elements(found.select(n for n in names if n in found.columns), of_instance)


def _by_owner(long: Long, rows: Indices) -> list[Indices]:
    """The rows of each owner, in their order."""
    order = np.argsort(long.owner, kind="stable")
    bounds = np.searchsorted(long.owner[order], np.arange(1, long.owners))
    return np.split(rows[order], bounds)[: long.owners]  # of nothing it makes one piece


def _places_in_file(paths: pl.Series) -> Indices:
    """Where elements of these paths stand in a file, as numbers that ascend: tags ascending, items
    by their number."""
    natural = (
        C("path")
        .str.replace_all(r"\[(\d+)\]", "[0000000$1]")
        .str.replace_all(r"\[\d*(\d{8})\]", "[$1]")
    )
    return (
        paths.to_frame("path").select(natural.rank("dense").cast(pl.Int64)).to_series().to_numpy()
    )


def _files(part: Part, wide: pl.DataFrame, file_of: pl.Series, base: int, run_id: str) -> Sides:
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
    uids = pl.DataFrame({"file_id": file_of + base, "SOPInstanceUID": wide["SOPInstanceUID"]})
    frame = frame.join(uids, on="file_id", how="left", maintain_order="left")
    nameless = (C("status") == "ok") & C("SOPInstanceUID").is_null()
    frame = frame.with_columns(
        pl.when(nameless).then(pl.lit("error")).otherwise("status").alias("status"),
        pl.when(nameless).then(pl.lit("no SOPInstanceUID")).otherwise("reason").alias("reason"),
    )
    return Sides(frame.drop("uri", "container"), frame.select("file_id", "uri", "container"))


def _elements(long: Long, identifying: Mask, owner: str, base: int, ids: pl.Series | None) -> Sides:
    """The rows by owner and key; ``ids`` are those of the owners, None for one that is no more."""
    if not len(long.key):
        return Sides(None, None)
    of_owner = pl.int_range(base, base + long.owners, eager=True) if ids is None else ids
    order = np.argsort(long.owner * len(identifying) + long.key, kind="stable")
    order = order[of_owner.is_not_null().to_numpy()[long.owner[order]]]
    apart = identifying[long.key[order]]

    def side(rows: Indices) -> pl.DataFrame:
        whose = pl.DataFrame(
            {owner: of_owner.gather(long.owner[rows]), "key_id": long.key[rows] + base}
        )
        return pl.concat([whose, long.values[long.value[rows]]], how="horizontal")

    return Sides(side(order[~apart]), side(order[apart]))


def _frames(found: pl.DataFrame, instance_id: pl.Series) -> pl.DataFrame | None:
    if found.is_empty():
        return None
    owners = instance_id.gather(found["instance"])
    return found.with_columns(instance_id=owners).drop("instance").drop_nulls("instance_id")


def _problems(
    problems: list[Where],
    keys: Keys,
    identifying: Mask,
    instance_id: pl.Series,
    base: int,
) -> pl.DataFrame | None:
    if not problems:
        return None
    secret = {keys[number].path for number in np.flatnonzero(identifying).tolist()}
    made = [
        (
            None if instance is None else instance_id[instance],
            template + base,
            problem.rule,
            problem.path,
            problem.expected,
            None if problem.path in secret else problem.observed,
        )
        for instance, template, problem in problems
        if instance is None or instance_id[instance] is not None
    ]
    return pl.DataFrame(made, schema=TABLES["problems"].schema(), orient="row")
