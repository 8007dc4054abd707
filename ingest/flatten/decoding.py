"""A part's raw rows decoded: what its headers share, what varies, and what broke a rule."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ingest.decoders.siemens_protocol import Protocol
from ingest.flatten import rows
from ingest.flatten.long import Indices, Long
from ingest.header import values
from ingest.header.outcome import Problem
from ingest.header.tokens import Tokens
from ingest.part import Part

Where = tuple[int | None, int, Problem]
"""A problem of an instance, or (None) of all instances of a template."""


class Decoded(NamedTuple):
    """The element rows of a part, the problems met while decoding them, and protocols: those of
    templates and those of instances."""

    shared: Long
    varying: Long
    problems: list[Where]
    protocols: tuple[dict[int, Protocol], dict[int, Protocol]] = ({}, {})


def decode(part: Part, template_of: Indices) -> Decoded:
    """Decode the elements of a part; ``template_of`` an instance is its template."""
    templates = np.arange(len(part.templates), dtype=np.int64)
    shared, of_templates, protocols = rows.decoded(part, rows.shared(part), templates)
    varying, of_instances, own_protocols = rows.decoded(part, rows.varying(part), template_of)
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
    problems: list[Where] = [(None, owner, problem) for owner, problem in of_templates]
    problems += [(i, int(template_of[i]), problem) for i, problem in of_instances]
    for row, rule in decoded.broken:
        path = part.vocabulary.keys[int(every_key[row])].path
        problem = Problem(rule, path, "text in SpecificCharacterSet", None)
        if row < boundary:
            problems.append((None, int(shared.owner[row]), problem))
        else:
            instance = int(varying.owner[row - boundary])
            problems.append((instance, int(template_of[instance]), problem))
    place, found = decoded.place, decoded.values
    return Decoded(
        Long(shared.owner, shared.key, place[:boundary], found, len(part.templates)),
        Long(varying.owner, varying.key, place[boundary:], found, len(part.instances)),
        problems,
        (protocols, own_protocols),
    )


def _charsets(tokens: Tokens) -> dict[int, bytes]:
    """The character set of elements in items that have their own, by key."""
    found: dict[int, bytes] = {}
    for first, last, charset in tokens.charsets:  # outer items before those inside
        found.update(dict.fromkeys(tokens.keys[first:last], charset))
    return found
