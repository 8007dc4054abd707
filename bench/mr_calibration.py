"""How sure a rule may say it is: confidence from the data sets that guided, and its tests.

    python -m bench.mr_calibration [--write] [--labels FILE...]

Rows of a data set are much alike, so a data set is one observation of a rule: the share of its
rows, with names, blank and bare, that the rule classed rightly.  A rule's confidence is the mean of
its data sets, shrunk to what its author thought of it, and at most what its evidence allows.  Two
tests are printed:

* each data set left out: what was said about it by the others, and how much was right;
* each kind left out: all rules that give a class are removed, so that its series are of a kind the
  rules do not know; how many of them are classed as something else, and for sure.

``--write`` writes ingest/mr/rules/confidence.toml.  The kept data sets are never looked at.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from bench.mr_accuracy import BARE, CONFIDENT, NAMES, judged
from bench.mr_labels import LABELS, ROOT, guided, load
from ingest.mr import Config
from ingest.mr.classification import untried
from ingest.mr.records import Rule, shipped

VIEWS: dict[str, Sequence[str]] = {"names": (), "blank": NAMES, "bare": BARE}
STRENGTH = 4.0
"""Data sets that what the author thought of a rule counts for."""
STRENGTHS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Printed for comparison: rules were written seeing these rows, so the loss asks for too little."""
HIGHEST = 0.98
KINDS: dict[str, tuple[str, ...]] = {
    "fMRI_BOLD": ("bold",), "DWI DTI": ("dwi",), "ASL": ("asl", "m0scan"),
    "FIELD_MAP": ("epi", "fmap_gre"), "T2_FLAIR": ("FLAIR",), "LOCALIZER": ("localizer",),
    "MT": ("MTS",), "T1": ("T1w",), "T2": ("T2w", "T2starw"), "PD": ("PDw",),
}  # fmt: skip
"""Classes and weightings, and the labels of their series."""


def observed(rows: pl.DataFrame) -> pl.DataFrame:
    """For each rule and data set the share of rows the rule classed rightly."""
    rows = rows.filter("covered").with_columns(
        rule=pl.col("classReason").str.extract(r"^([a-z0-9_.]+)", 1)
    )
    return rows.group_by("rule", "dataset").agg(pl.len().alias("n"), pl.col("right").mean())


def confidences(seen: pl.DataFrame, strength: float) -> dict[str, float]:
    """Each rule's confidence, of the data sets in ``seen``."""
    by_rule = {
        rule: (sets, right)
        for rule, sets, right in seen.group_by("rule").agg(pl.len(), pl.col("right").sum())
        .iter_rows()
    }  # fmt: skip
    made = {}
    for rule in shipped().rules["class"]:
        sets, right = by_rule.get(rule.id, (0, 0.0))
        given = right + strength * untried(rule.prior)
        made[rule.id] = min(given / (sets + strength), HIGHEST, rule.most)
    return made


def left_out(seen: pl.DataFrame, strength: float) -> pl.DataFrame:
    """What the other data sets say about each data set's rows: ``said`` and ``right``."""
    parts = []
    for name in sorted(seen["dataset"].unique()):
        others = confidences(seen.filter(pl.col("dataset") != name), strength)
        parts.append(
            seen.filter(pl.col("dataset") == name).with_columns(
                said=pl.col("rule").replace_strict(others, default=None)
            )
        )
    return pl.concat(parts).filter(pl.col("said").is_not_null())


def loss(rows: pl.DataFrame) -> float:
    """Mean log loss of ``said``, each rule of each data set counting the same."""
    total: float = sum(
        right * math.log(said) + (1 - right) * math.log(1 - said)
        for right, said in rows.select("right", "said").iter_rows()
    )
    return -total / max(rows.height, 1)


def without(kind: str) -> Config:
    """The rules without those that give the classes or weightings of ``kind``."""
    gone = [rule.id for rule in shipped().rules["class"] if _gives(rule, kind.split())]
    return Config.parse({"rules": {name: {"enabled": False} for name in gone}})


def _gives(rule: Rule, kinds: Sequence[str]) -> bool:
    given: Mapping[str, object] = rule.gives
    if given.get("suffix") == "MTS" or given.get("weighting") == "MT":
        return "MT" in kinds
    return given.get("class") in kinds or given.get("weighting") in kinds


def unknown_kinds(frames: Sequence[pl.DataFrame], drop: Sequence[str]) -> pl.DataFrame:
    """For each kind left out: its series, those classed as another, and those for sure."""
    lines = []
    for kind, labels in KINDS.items():
        some = [frame.filter(pl.col("label").is_in(labels)) for frame in frames]
        ids = [_with_study(frame, labels) for frame in frames]
        rows = pl.concat(
            judged(frame, drop, without(kind)).filter(keep)
            for frame, keep in ids if frame.height
        )  # fmt: skip
        assert rows.height == sum(frame.height for frame in some)
        taken = pl.col("answer").is_not_null()
        sure = taken & (pl.col("classConfidence") >= CONFIDENT)
        weight = pl.col("weight") / pl.col("weight").sum()
        by = rows.filter(sure).group_by(pl.col("classReason").str.extract(r"^([a-z0-9_.]+)", 1))
        lines.append({
            "kind": kind, "series": rows.height, "data sets": rows["dataset"].n_unique(),
            **rows.select(
                classed=(taken * weight).sum(), sure=(sure * weight).sum(),
                sure_by_row=sure.mean(),
            ).to_dicts()[0],
            "by": ", ".join(f"{r} {n}" for r, n in by.len().sort("len").iter_rows()),
        })  # fmt: skip
    return pl.DataFrame(lines)


def _with_study(frame: pl.DataFrame, labels: Sequence[str]) -> tuple[pl.DataFrame, pl.Series]:
    """The rows of all studies with such labels, and which of them have one."""
    wanted = pl.col("label").is_in(labels)
    near = frame.filter(wanted.any().over("dataset", "StudyInstanceUID"))
    return near, near.select(wanted)["label"]


def write(seen: pl.DataFrame, strength: float) -> None:
    """Write rules/confidence.toml."""
    made = confidences(seen, strength)
    counted = seen.group_by("rule").agg(
        pl.col("n").sum(), pl.len().alias("sets"), pl.col("right").mean()
    )
    lines = [
        "# Made by python -m bench.mr_calibration --write, from the data sets that guided.",
        "# n: series, sets: data sets, right: mean of the shares of the data sets that were right;",
        "# confidence: the same, shrunk to that of an untried rule, which counts as "
        f"{strength:g} data sets.",
    ]
    numbers = {rule: rest for rule, *rest in counted.iter_rows()}
    for rule in sorted(made.keys() & numbers.keys()):
        n, sets, right = numbers[rule]
        lines += [
            "", f'[confidence."{rule}"]', f"n = {n}", f"sets = {sets}", f"right = {right:.3f}",
            f"confidence = {made[rule]:.3f}",
        ]  # fmt: skip
    target = ROOT / "ingest" / "mr" / "rules" / "confidence.toml"
    target.write_text("\n".join(lines) + "\n", "utf-8")
    print(f"wrote {target.relative_to(ROOT)}")


def main() -> None:
    """Measure and print, or write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--labels", nargs="*", type=Path, default=sorted(LABELS.glob("*.csv")))
    parser.add_argument("--write", action="store_true", help="write rules/confidence.toml")
    options = parser.parse_args()
    report([guided(load(path)) for path in options.labels], to_write=options.write)


def report(frames: Sequence[pl.DataFrame], *, to_write: bool) -> None:
    """Print both tests, and write if wanted."""
    seen = observed(pl.concat(judged(frame, drop) for drop in VIEWS.values() for frame in frames))
    losses = {strength: loss(left_out(seen, strength)) for strength in STRENGTHS}
    print("log loss, each data set left out:", {s: round(v, 4) for s, v in losses.items()})
    print("  said          rules x data sets   mean said     right")
    rows = left_out(seen, STRENGTH).with_columns(bin=(pl.col("said") * 20).floor() / 20)
    for at, n, said, right in (
        rows.group_by("bin").agg(pl.len(), pl.col("said").mean(), pl.col("right").mean())
        .sort("bin").iter_rows()
    ):  # fmt: skip
        print(f"  from {at:<6.2f}{n:12}{said:18.3f}{right:12.3f}")
    if to_write:
        write(seen, STRENGTH)
        return
    for view, drop in VIEWS.items():
        lines = unknown_kinds(frames, drop)
        print(f"\nKinds left out, {view}: the share of their series that is classed as another")
        print(f"{'':14}{'series':>8}{'sets':>6}{'classed':>10}{'for sure':>10}{'by row':>8}  by")
        for line in lines.iter_rows(named=True):
            print(f"{line['kind']:14}{line['series']:>8}{line['data sets']:>6}"
                  f"{line['classed']:>10.3f}{line['sure']:>10.3f}{line['sure_by_row']:>8.3f}"
                  f"  {line['by']}")  # fmt: skip
        mean = lines.select(pl.col("classed", "sure", "sure_by_row").mean()).row(0)
        print(f"{'mean':28}{mean[0]:>10.3f}{mean[1]:>10.3f}{mean[2]:>8.3f}")


if __name__ == "__main__":
    main()
