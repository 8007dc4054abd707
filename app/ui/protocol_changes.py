"""What changed between two protocols of one group of a scanner, parameter by parameter.

At first the two that were used last. For scanners of Siemens the lines of the whole protocol can be
compared, too, as the first series with each of the two has them.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl
import streamlit as st

from app import columns
from app.i18n import Texts
from app.protocols import compared as protocols
from app.queries import Order
from app.ui import tables
from app.ui.tables import Row
from app.ui.view import View, path

LATEST = Order("last_seen", True, ("-first_seen", "protocol_fingerprint"))
SIDES = ("a", "b")


def draw(view: View, scanner: Row) -> None:
    """The two fields in which protocols are chosen, and the table of what differs."""
    t, key = view.texts, str(scanner["scanner_key"])
    used = view.ask("scanners_protocols", order=LATEST, scanner=key)
    several = groups(used)
    st.caption(t("scanners.changed_help"))
    if not several:
        st.info(t("scanners.none_changed"), icon=":material/info:")
        return
    group = st.selectbox(t("scanners.group"), several, key=f"protocol_group_{key}")
    rows = used.filter(protocol_group=group).rows(named=True)
    sides = _two(view, rows, f"{key}_{group}")
    if sides[0] == sides[1]:
        st.info(t("scanners.same_protocol"), icon=":material/info:")
        return
    prints = {side: row["protocol_fingerprint"] for side, row in zip(SIDES, sides, strict=True)}
    found = view.ask("scanners_parameters", scanner=key, group=str(group), **prints)
    a, b = (_values(found, f"value_{side}") for side in SIDES)
    modality = str(rows[0]["Modality"] or "")
    compared = protocols.differences(a, b, protocols.tolerances(modality))
    _changes(view, compared, "protocol_changes")
    _links(view, sides)
    if "siemens" in str(scanner["Manufacturer"] or "").lower() and modality == "MR":
        _siemens(view, sides)


def groups(used: pl.DataFrame) -> list[str]:
    """The groups that were measured with several protocols, those of the most series first."""
    sums = used.group_by("protocol_group").agg(pl.col("n_series").sum(), n=pl.len())
    return (
        sums.filter(pl.col("n") > 1)
        .sort(-pl.col("n_series"), "protocol_group")["protocol_group"]
        .to_list()
    )


def latest(rows: list[Row]) -> tuple[int, int]:
    """The places of the two that were used last, the one that was there first before the other.

    ``rows`` are two or more, sorted by when they were used last.
    """
    first, second = (rows[n]["first_seen"] or datetime.max for n in (0, 1))
    return (0, 1) if first < second else (1, 0)


def worded(t: Texts, compared: pl.DataFrame) -> pl.DataFrame:
    """An answer of ``protocols.differences`` as a person reads it, and B minus A of numbers."""
    numbers = [pl.col(side).cast(pl.Float64, strict=False) for side in SIDES]
    names = {
        name: columns.title(t, name.removesuffix("_values"), with_unit=False)
        for name in compared["parameter"]
    }
    units = {unit: columns.WRITTEN.get(unit, unit) for unit in compared["unit"].drop_nulls()}
    judged = {True: t("scanners.beyond"), False: t("scanners.within")}
    return compared.select(
        pl.col("parameter").replace(names),
        protocol_a=_written("a"),
        protocol_b=_written("b"),
        change=numbers[1] - numbers[0],
        unit=pl.col("unit").replace(units),
        tolerance="tolerance",
        judged=pl.when(pl.col("a").eq_missing(pl.col("b"))).then(pl.lit(t("scanners.equal")))
        .otherwise(pl.col("differs").replace_strict(judged, return_dtype=pl.String)),
    )  # fmt: skip


def _written(side: str) -> pl.Expr:
    """A value; a number of many digits, which fingerprints have with an exponent, without it."""
    whole = pl.col(side).str.contains(r"^-?[0-9.]+e\+[0-9]+$")
    number = pl.col(side).cast(pl.Float64, strict=False).cast(pl.Int64, strict=False)
    return pl.when(whole & number.is_not_null()).then(number.cast(pl.String)).otherwise(side)


def _two(view: View, rows: list[Row], key: str) -> list[Row]:
    """The two protocols that are chosen, by default those that were used last."""
    t = view.texts
    chosen = []
    for column, side, index in zip(st.columns(2), SIDES, latest(rows), strict=True):
        place = column.selectbox(
            t(f"scanners.{'from' if side == 'a' else 'to'}"), range(len(rows)), index,
            key=f"protocol_{side}_{key}", format_func=lambda n: _label(t, rows[n]),
        )  # fmt: skip
        chosen.append(rows[place or 0])
    return chosen


def _label(t: Texts, row: Row) -> str:
    """A protocol in a list: its fingerprint, when it was used and how often."""
    dates = [f"{row[name]:%Y-%m-%d}" for name in ("first_seen", "last_seen") if row[name]]
    seen = " – ".join(dict.fromkeys(dates))
    parts = [row["protocol_short"], seen, t.count("series", row["n_series"])]
    if row["is_majority"]:
        parts.append(t("scanners.majority"))
    return " · ".join(part for part in parts if part)


def _values(found: pl.DataFrame, name: str) -> pl.DataFrame:
    """The parameters of one side: parameter, value, unit."""
    units = {parameter: protocols.unit(parameter) for parameter in found["parameter"]}
    return found.drop_nulls(name).select(
        "parameter", value=name,
        unit=pl.col("parameter").replace_strict(units, return_dtype=pl.String),
    )  # fmt: skip


def _changes(view: View, compared: pl.DataFrame, key: str) -> None:
    """The table: what differs, or with a switch everything."""
    t = view.texts
    differ = compared.filter(pl.col("a").ne_missing(pl.col("b")))
    everything = st.toggle(
        t("scanners.all_parameters", n=t.number(compared.height)), key=f"{key}_all"
    )
    beyond = int(differ["differs"].sum())
    n = {"beyond": t.number(beyond), "within": t.number(differ.height - beyond)}
    st.markdown(t("scanners.n_changed", **n))
    shown = compared if everything else differ
    if not shown.is_empty():
        tables.whole(view, worded(t, shown), key)


def _links(view: View, sides: list[Row]) -> None:
    """The way to the first series with each of the two."""
    t = view.texts
    with st.container(horizontal=True):
        for name, row in zip(("example_from", "example_to"), sides, strict=True):
            if row["SeriesInstanceUID"]:
                st.page_link(
                    path("series"), label=t(f"scanners.{name}"),
                    icon=":material/arrow_forward:",
                    query_params={
                        "study": row["StudyInstanceUID"], "series": row["SeriesInstanceUID"]
                    },
                )  # fmt: skip


def _siemens(view: View, sides: list[Row]) -> None:
    """The stable lines of the Siemens protocol of the two examples."""
    t = view.texts
    if not st.toggle(t("scanners.siemens"), key="siemens_lines", help=t("scanners.siemens_help")):
        return
    asked = view.everything()
    a, b = (
        protocols.of_siemens(asked.ask("scanners_siemens", series=row["SeriesInstanceUID"]))
        for row in sides
    )
    if a.is_empty() or b.is_empty():
        st.info(t("scanners.no_siemens"), icon=":material/info:")
        return
    _changes(view, protocols.differences(a, b, {}), "siemens_changes")
