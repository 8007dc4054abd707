"""A part's elements as two long columns of raw values: what headers share, and what varies.

Rows are told apart by their owner - the number of a template, or of an instance - and have a key
each.  Vendor payloads with a decoder add the rows of their fields here.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ingest import decoders
from ingest.decoders.siemens_csa import protocol_fields
from ingest.decoders.siemens_csa import text as field_text
from ingest.decoders.siemens_protocol import Protocol, protocol, stable_pair
from ingest.flatten.long import Mask
from ingest.header.keys import Key
from ingest.header.outcome import Problem
from ingest.header.raw import Raw
from ingest.header.vocabulary import Vocabulary
from ingest.header.widths import FIELDS_WITHIN
from ingest.part import Part, Template

Numbers = npt.NDArray[np.int64]


@dataclass
class Rows:
    """Raw rows: ``owner[i]`` has the element ``key[i]`` with the value ``raw[i]``."""

    owner: Numbers
    key: Numbers
    raw: list[Raw]

    def extended(self, owner: list[Numbers], key: list[Numbers], raw: list[Raw]) -> Rows:
        """These rows and some more."""
        return Rows(
            np.concatenate([self.owner, *owner]), np.concatenate([self.key, *key]), self.raw + raw
        )


def shared(part: Part) -> Rows:
    """What all instances of a template have in common; the owner is the template."""
    owner: list[Numbers] = []
    keys: list[Numbers] = []
    raw: list[Raw] = []
    for known in part.templates:
        kept = constant(known)
        raw.extend(compress(known.tokens.values(), kept.tolist()))
        own = np.array(known.tokens.keys, dtype=np.int64)[kept]
        keys.append(own)
        owner.append(np.full(len(own), known.number, dtype=np.int64))
    return Rows(_joined(owner), _joined(keys), raw)


def constant(known: Template) -> Mask:
    """Of each token of a template whether no instance stores it for itself."""
    found = np.ones(len(known.tokens.keys), dtype=np.bool_)
    found[known.program.slots if known.program else []] = False
    return found


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
    owner: list[Numbers] = []
    keys: list[Numbers] = []
    raw: list[Raw] = []
    for (template, version), instances in by_version.items():
        known = part.templates[template]
        assert known.program is not None
        had = frozenset(part.versions[version]) if version >= 0 else frozenset()
        tokens = known.tokens
        lacking = [token for token in known.program.slots if token not in had]
        owner.append(np.tile(np.array(instances, dtype=np.int64), len(lacking)))
        of_token = np.array([tokens.keys[token] for token in lacking], dtype=np.int64)
        keys.append(np.repeat(of_token, len(instances)))
        for token in lacking:
            raw += [tokens.value(token)] * len(instances)
    return rows.extended(owner, keys, raw) if owner else rows


class WithFields(NamedTuple):
    """Rows and those of the fields inside vendor payloads; problems and protocols by owner."""

    rows: Rows
    problems: list[tuple[int, Problem]]
    protocols: dict[int, Protocol]


def decoded(part: Part, rows: Rows, template_of: Numbers) -> WithFields:
    """Read the vendor payloads of some rows; ``template_of`` are the templates of the owners."""
    every = part.vocabulary.keys
    decoders_of = enumerate(every.each(_decoder))
    found = {number: decoder for number, decoder in decoders_of if decoder is not None}
    protocols = np.flatnonzero(every.each(_is_protocol)).tolist()
    owner: list[Numbers] = []
    keys: list[Numbers] = []
    raw: list[Raw] = []
    problems: list[tuple[int, Problem]] = []
    by_owner: dict[int, Protocol] = {}
    is_payload = np.zeros(len(every), dtype=bool)
    is_payload[[*found, *protocols]] = True
    in_place = _read_in_place(part)
    fields = _Fields(part.vocabulary, found)
    for row in np.flatnonzero(is_payload[rows.key]).tolist():
        number, who = int(rows.key[row]), int(rows.owner[row])
        if (int(template_of[who]), number) in in_place:
            continue
        value = rows.raw[row]
        assert isinstance(value, bytes)  # what has a decoder is not only a hash
        field_keys, texts, problem, best = fields.of(number, value)
        owner.append(np.full(len(texts), who, dtype=np.int64))
        keys.append(field_keys)
        raw.extend(texts)
        if problem is not None:
            problem_here = Problem("decoder_failed", every[number].path, None, problem)
            problems.append((who, problem_here))
        if best is not None:
            by_owner[who] = min(best, by_owner.get(who, best))
    return WithFields(rows.extended(owner, keys, raw) if owner else rows, problems, by_owner)


PROTOCOL = "Protocol"


class _Read(NamedTuple):
    """Keys and UTF-8 texts of the fields in a payload, what is wrong, and its protocol."""

    keys: Numbers
    texts: list[bytes]
    problem: str | None
    protocol: Protocol | None


class _Fields:
    """The fields inside payloads as keys and texts; a payload that comes again costs nothing."""

    def __init__(self, vocabulary: Vocabulary, found: dict[int, decoders.Decoder]) -> None:
        self._vocabulary, self._decoders = vocabulary, found
        self._made: dict[int, dict[decoders.Field, tuple[int, bytes, bool]]] = {}
        """Of fields that were met, by the key of the payload: the key, the text, and whether it is
        a parameter of a protocol. Of ten fields of a series eight are those of another one."""
        self._known: dict[tuple[int, bytes], _Read] = {}

    def of(self, number: int, value: bytes) -> _Read:
        """What the fields in a value of key ``number`` say."""
        known = self._known.get((number, value))
        if known is None:
            decoder = self._decoders.get(number)
            key = self._vocabulary.keys[number]
            result = decoder.decode(value) if decoder else _protocol(key, value)
            made = self._made.setdefault(number, {})
            for field in result.fields:
                if field in made:
                    continue
                own = Key(key.scope, key.tag, field.vr, key.creator, field.name)
                made[field] = (
                    self._vocabulary.keys.number(own),
                    field.text.encode("utf-8", "replace"),
                    stable_pair(field.name) is not None,
                )
            rows = [made[field] for field in result.fields]
            known = self._known[number, value] = _Read(
                np.array([number for number, _, _ in rows], dtype=np.int64),
                [text for _, text, _ in rows],
                result.problem,
                protocol(field for field, row in zip(result.fields, rows, strict=True) if row[2]),
            )
        return known


def _decoder(key: Key) -> decoders.Decoder | None:
    return None if key.field is not None else decoders.of_element(key.creator, key.tag, key.vr)


def _is_protocol(key: Key) -> bool:
    return key.items is not None and (key.field or "").endswith(PROTOCOL)


def _protocol(key: Key, region: bytes) -> decoders.Decoded:
    vm, n_items = key.items or (0, 0)
    text = field_text(region, n_items, vm, key.vr)
    return decoders.Decoded(tuple(protocol_fields(key.field or "", text)), None)


def _read_in_place(part: Part) -> set[tuple[int, int]]:
    """Templates and keys of payloads whose fields were read with the header already.

    That depends on the header: one element may hold a CSA2 header, read in place, in one series
    and a CSA1 header or something irregular, which is decoded here, in another.
    """
    return {
        (known.number, known.tokens.keys[token])
        for known in part.templates
        if FIELDS_WITHIN in known.tokens.widths
        for token, width in enumerate(known.tokens.widths)
        if width == FIELDS_WITHIN
    }
