"""Protocols compared: the parameters of two series or fingerprints side by side, with tolerances.

What a parameter is and how far two values may be apart is data of the derivation
(``ingest/derive/protocol.toml``), and which lines of a Siemens protocol are parameters is known to
its decoder; here they meet, as pure functions of frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from ingest.decoders.siemens_protocol import NAMES, NOTHING, is_stable, normal
from ingest.derive.protocols import FAMILIES, Parameter, Tolerance

__all__ = [
    "Tolerance", "columns", "differences", "is_stable", "of_lines", "of_series", "of_siemens",
    "tolerance", "tolerances", "unit",
]  # fmt: skip

SIDE = {"parameter": pl.String(), "value": pl.String(), "unit": pl.String()}
DIFFERENCES = {
    "parameter": pl.String(), "a": pl.String(), "b": pl.String(), "unit": pl.String(),
    "tolerance": pl.String(), "differs": pl.Boolean(),
}  # fmt: skip
EXACT = Tolerance()


def _of(modality: str | None) -> tuple[Parameter, ...]:
    found = (family.parameters for family in FAMILIES if modality in family.modalities)
    return next(found, ())


def columns(modality: str | None) -> tuple[str, ...]:
    """The columns of ``series`` that are parameters of a modality, ascending; none for others."""
    return tuple(parameter.column.name for parameter in _of(modality))


def tolerances(modality: str | None) -> dict[str, Tolerance]:
    """How far the values of each parameter of a modality may be apart."""
    return {parameter.column.name: parameter.tolerance for parameter in _of(modality)}


def tolerance(name: str, modality: str | None = None) -> Tolerance:
    """That of one parameter; without a modality of the first family that has it."""
    every = [p for f in FAMILIES if modality in (None, *f.modalities) for p in f.parameters]
    return next((p.tolerance for p in every if p.column.name == name), EXACT)


def unit(name: str) -> str:
    """The unit of a parameter, or nothing."""
    every = (p.column for family in FAMILIES for p in family.parameters)
    return next((column.unit for column in every if column.name == name), "")


def of_lines(lines: Iterable[str]) -> pl.DataFrame:
    """Parameter, value and unit of ``name=value`` lines, as ``protocols.parameters`` holds them."""
    parted = [line.partition("=") for line in lines]
    return _side((name, value, unit(name)) for name, _, value in parted)


def of_series(row: Mapping[str, object], modality: str | None = None) -> pl.DataFrame:
    """Parameter, value and unit of a row of ``series``, empty ones left out.

    The modality is that of the row unless it is given. Numbers have all their digits.
    """
    known = _of(modality if modality is not None else str(row.get("Modality")))
    texts = ((p.column, _text(row.get(p.column.name))) for p in known)
    return _side((column.name, text, column.unit) for column, text in texts if text)


def of_siemens(elements: pl.DataFrame) -> pl.DataFrame:
    """Parameter, value and unit of the stable pairs of a Siemens protocol.

    ``elements`` has the columns ``name`` (``MrPhoenixProtocol/alTR[0]``) and ``text`` of the
    elements of one instance. Of the two fields that may hold a protocol the better one counts;
    zeros are left out, as in the fingerprint.
    """
    rows = elements.select("name", "text").drop_nulls().unique().sort("name", "text").rows()
    for field in NAMES:
        pairs: dict[str, str] = {}
        for name, text in rows:
            of_field, _, key = name.partition("/")
            if key and of_field == field and is_stable(key) and normal(text) not in NOTHING:
                pairs.setdefault(key, text)
        if pairs:
            return _side((key, text, "") for key, text in pairs.items())
    return pl.DataFrame(schema=SIDE)


def differences(
    a: pl.DataFrame, b: pl.DataFrame, tolerances: Mapping[str, Tolerance] | None = None
) -> pl.DataFrame:
    """The parameters of two sides (``parameter``, ``value``, ``unit``), ascending by name.

    Gives the columns parameter, a, b, unit, tolerance (a text such as ``1 %`` or ``0.5 degrees``,
    empty where values have to be equal) and differs. A parameter that one side does not have
    differs. Several values of one parameter are joined by a backslash and compared one by one.
    Parameters without a tolerance, those of Siemens' text among them, are the same if they agree
    to four digits, as in the fingerprint.
    """
    of_a, of_b = (dict(side.select("parameter", "value").rows()) for side in (a, b))
    units = dict(pl.concat([b, a]).select("parameter", "unit").rows())
    allowed = tolerances or {}
    made = [
        (
            name,
            of_a.get(name),
            of_b.get(name),
            units[name],
            _said(allowed.get(name, EXACT), units[name]),
            not _same(of_a.get(name), of_b.get(name), allowed.get(name, EXACT)),
        )
        for name in sorted(units)
    ]
    return pl.DataFrame(made, schema=DIFFERENCES, orient="row")


def _side(rows: Iterable[tuple[str, str, str]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SIDE, orient="row")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, pl.Series | list | tuple):
        return "\\".join(map(_text, value))
    return f"{value:.10g}" if isinstance(value, float) else str(value).strip()


def _same(a: str | None, b: str | None, allowed: Tolerance) -> bool:
    if a is None or b is None:
        return a is b
    values_a, values_b = a.split("\\"), b.split("\\")
    return len(values_a) == len(values_b) and all(
        normal(x) == normal(y) or _near(x, y, allowed)
        for x, y in zip(values_a, values_b, strict=True)
    )


def _near(a: str, b: str, allowed: Tolerance) -> bool:
    try:
        x, y = float(a), float(b)
    except ValueError:
        return False
    return abs(x - y) <= max(allowed.absolute, allowed.relative * max(abs(x), abs(y)))


def _said(allowed: Tolerance, unit: str) -> str:
    parts = []
    if allowed.absolute:
        parts.append(f"{allowed.absolute:g} {unit}".rstrip())
    if allowed.relative:
        parts.append(f"{100 * allowed.relative:g} %")
    return ", ".join(parts)
