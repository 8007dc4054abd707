"""A part's elements as two long columns of raw values: what headers share, and what varies.

Rows are told apart by their owner - the number of a template, or of an instance - and have a key
each.  Vendor payloads with a decoder add the rows of their fields here.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from ingest import decoders
from ingest.decoders.siemens_csa import protocol_fields
from ingest.decoders.siemens_csa import text as field_text
from ingest.header.reading import Problem
from ingest.header.tokens import FIELDS_WITHIN
from ingest.header.vocabulary import Key
from ingest.part import Part, Template

Numbers = npt.NDArray[np.int64]


@dataclass
class Rows:
    """Raw rows: ``owner[i]`` has the element ``key[i]`` with the value ``raw[i]``."""

    owner: Numbers
    key: Numbers
    raw: list[bytes]

    def extended(self, owner: list[int], key: list[int], raw: list[bytes]) -> Rows:
        """These rows and some more."""
        return Rows(
            np.concatenate([self.owner, np.array(owner, dtype=np.int64)]),
            np.concatenate([self.key, np.array(key, dtype=np.int64)]),
            self.raw + raw,
        )


def shared(part: Part) -> Rows:
    """What all instances of a template have in common; the owner is the template."""
    owner: list[Numbers] = []
    keys: list[list[int]] = []
    raw: list[bytes] = []
    for known in part.templates:
        tokens = known.tokens
        data, given = tokens.data, tokens.given
        kept = _constant(known)
        raw.extend(
            given[token] if token in given else data[tokens.starts[token] : tokens.ends[token]]
            for token in kept
        )
        keys.append([tokens.keys[token] for token in kept])
        owner.append(np.full(len(kept), known.number, dtype=np.int64))
    return Rows(_joined(owner), np.array(list(chain.from_iterable(keys)), dtype=np.int64), raw)


def _constant(known: Template) -> list[int]:
    """The tokens that no instance stores for itself."""
    every = range(len(known.tokens.keys))
    if known.program is None:
        return list(every)
    own = frozenset(known.program.slots)
    return [token for token in every if token not in own]


def _joined(arrays: list[Numbers]) -> Numbers:
    return np.concatenate(arrays) if arrays else np.empty(0, dtype=np.int64)


def varying(part: Part) -> Rows:
    """What an instance stores for itself; the owner is the instance's number.

    Instances read by an earlier program of their template lack the slots it got later; their
    values are those the template still had as constants.
    """
    keys_of: dict[int, Numbers] = {}
    for known in part.templates:
        for version, slots in known.history:
            keys_of[version] = np.array([known.tokens.keys[t] for t in slots], dtype=np.int64)
    keys_of[-1] = np.empty(0, dtype=np.int64)
    versions = [instance.version for instance in part.instances]
    keys = [keys_of[version] for version in versions]
    owner = np.repeat(np.arange(len(keys), dtype=np.int64), [len(k) for k in keys])
    return _completed(part, Rows(owner, _joined(keys), part.values))


def _completed(part: Part, rows: Rows) -> Rows:
    by_version: dict[tuple[int, int], list[int]] = {}
    for number, instance in enumerate(part.instances):
        known = part.templates[instance.template]
        if instance.version != known.version:
            by_version.setdefault((instance.template, instance.version), []).append(number)
    owner: list[int] = []
    keys: list[int] = []
    raw: list[bytes] = []
    for (template, version), instances in by_version.items():
        known = part.templates[template]
        assert known.program is not None
        had = frozenset(part.versions[version]) if version >= 0 else frozenset()
        for token in known.program.slots:
            if token not in had:
                owner.extend(instances)
                keys.extend([known.tokens.keys[token]] * len(instances))
                raw.extend([known.tokens.value(token)] * len(instances))
    return rows.extended(owner, keys, raw) if owner else rows


def decoded(
    part: Part, rows: Rows, inline: frozenset[int]
) -> tuple[Rows, list[tuple[int, Problem]]]:
    """The rows and those of the fields inside vendor payloads; problems come with their owner.

    ``inline`` are the keys whose fields were read with the header already.
    """
    vocabulary = part.vocabulary
    found = {
        number: decoder
        for number, key in enumerate(list(vocabulary.keys))
        if number not in inline and (decoder := _decoder(key)) is not None
    }
    protocols = {
        number
        for number, key in enumerate(list(vocabulary.keys))
        if key.items is not None and (key.field or "").endswith("Protocol")
    }
    owner: list[int] = []
    keys: list[int] = []
    raw: list[bytes] = []
    problems: list[tuple[int, Problem]] = []
    wanted = np.flatnonzero(np.isin(rows.key, list(found) + list(protocols)))
    cache: dict[tuple[int, bytes], tuple[list[int], list[bytes], str | None]] = {}
    for row in wanted.tolist():
        number, value = int(rows.key[row]), rows.raw[row]
        if (number, value) not in cache:
            key = vocabulary.keys[number]
            result = (
                found[number].decode(value) if number in found else _protocol(key, value)
            )
            base = key._replace(items=None)
            cache[number, value] = (
                [
                    vocabulary.number(base._replace(vr=field.vr, field=field.name))
                    for field in result.fields
                ],
                [field.text.encode("utf-8", "replace") for field in result.fields],
                result.problem,
            )
        field_keys, texts, problem = cache[number, value]
        owner.extend([int(rows.owner[row])] * len(texts))
        keys.extend(field_keys)
        raw.extend(texts)
        if problem is not None:
            path = vocabulary.keys[number].path
            problems.append((int(rows.owner[row]), Problem("decoder_failed", path, None, problem)))
    return (rows.extended(owner, keys, raw) if owner else rows), problems


def _decoder(key: Key) -> decoders.Decoder | None:
    if key.field is not None or not key.tag >> 16 & 1 or key.creator is None or key.vr == "SQ":
        return None
    return decoders.find(key.creator, key.tag >> 16, key.tag & 0xFF)


def _protocol(key: Key, region: bytes) -> decoders.Decoded:
    vm, n_items = key.items or (0, 0)
    text = field_text(region, n_items, vm, key.vr)
    return decoders.Decoded(tuple(protocol_fields(key.field or "", text)), None)


def inline_keys(part: Part) -> frozenset[int]:
    """The keys of payloads whose fields were read in place."""
    return frozenset(
        tokens.keys[token]
        for tokens in (known.tokens for known in part.templates)
        for token, width in enumerate(tokens.widths)
        if width == FIELDS_WITHIN
    )
