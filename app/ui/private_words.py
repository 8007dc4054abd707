"""Private elements in words: names of elements and groups, values, and what a search finds."""

from __future__ import annotations

import polars as pl

from app.i18n import Texts
from app.ui.text import worded

LONGEST = 400
WORDS = 10
CLASSES = (
    "pipeline_provenance", "rt_provenance", "vendor_semantic", "vendor_raw", "unknown_binary",
)  # fmt: skip


def element_tag() -> pl.Expr:
    """``0029xx10`` as people write it: (0029,xx10)."""
    element = pl.col("element").str
    return pl.format("({},{})", element.slice(0, 4), element.slice(4))


def named(t: Texts, rows: pl.DataFrame) -> pl.DataFrame:
    """Elements with tag and class as people say them, decoded ones named without their payload; the
    tag is the name of those that have none."""
    classes = {name: t(f"private_class.{name}") for name in CLASSES}
    field = pl.col("field")
    own = field.str.strip_prefix(pl.col("payload")).str.strip_prefix("/")
    name = pl.when(field != "").then(own).otherwise("name")
    return rows.with_columns(
        pl.col("^private_class$").replace(classes),
        element_tag=element_tag(),
        name=pl.coalesce(name, element_tag()),
    )


def matching(rows: pl.DataFrame, text: str) -> pl.DataFrame:
    """Elements that have all words of ``text`` in creator, tag, name or decoded name."""
    name = pl.col("name").fill_null("")
    said = pl.concat_str("creator", "element", element_tag(), "field", name, separator=" ")
    for word in text.lower().split()[:WORDS]:
        rows = rows.filter(said.str.to_lowercase().str.contains(word, literal=True))
    return rows


def value(t: Texts, rows: pl.DataFrame) -> pl.Expr:
    """A value: its text, the number of items of a sequence, or the size of a binary one."""
    size = worded(rows["byte_length"], t.size)
    start = pl.col("value_key").str.slice(0, 8)
    return (
        pl.when(pl.col("byte_length").is_not_null())
        .then(pl.format(t("compare.binary", size="{}", hash="{}"), size, start))
        .when(pl.col("text") == "").then(pl.lit(t("compare.empty")))
        .when(pl.col("text").is_null()).then(pl.format(t("compare.items", n="{}"), "value_key"))
        .otherwise(clipped("text"))
        .alias("value")
    )  # fmt: skip


def clipped(name: str) -> pl.Expr:
    """A text on one line and not too long."""
    text = pl.col(name)
    short = pl.concat_str(text.str.slice(0, LONGEST), pl.lit(" …"))
    fits = text.str.len_chars() <= LONGEST
    return pl.when(fits).then(text).otherwise(short).str.replace_all(r"[\r\n]+", " ⏎ ")


def creator(t: Texts, name: str) -> str:
    """A creator as it is called on the page."""
    return name or t("private.no_creator")


def source(t: Texts, creator: str, payload: str, keys: pl.DataFrame) -> str:
    """What a group of elements is: stored as such, or decoded from a payload that has a name."""
    if not payload:
        return t("private.stored")
    element = payload.strip("()").replace(",", "")
    parent = keys.filter(
        (pl.col("creator") == creator) & (pl.col("element") == element) & (pl.col("field") == "")
    )["name"].drop_nulls()
    return t("private.decoded_from", name=parent[0] if parent.len() else payload)
