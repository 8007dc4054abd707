"""How right the classes of MR series are, on labelled real headers, and how sure they are.

    python -m bench.mr_accuracy [--labels FILE...] [--guided-only]

The labels, and which data sets guided the rules: bench/mr_labels.py.

Each data set counts the same (its rows share a weight of 1), since one scanner made most of the
rows.  ``blank`` is without SeriesDescription and ProtocolName; ``bare`` without SequenceName too
(a standard attribute, yet a name).  An answer is confident from a classConfidence of 0.8 on.
``classic`` is what earlier tools do: thresholds with FLAIR at 2000 ms, and parts of names.

How confidence comes about, and its tests: bench/mr_calibration.py.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from bench.mr_classic import classic
from bench.mr_labels import ALIKE, LABELS, disputed, guided, held, load
from ingest.mr import DEFAULT, Config, classify

NAMES = ("SeriesDescription", "ProtocolName", "csa_tProtocolName")
BARE = (*NAMES, "SequenceName", "SequenceName_values", "PulseSequenceName", "csa_tSequenceFileName")
CONFIDENT = 0.8
UNCOVERED = ("QMAP_T1_IR", "QMAP_T2_ME", "PD_T2")
ACQUIRED = (
    "ScanningSequence", "SequenceVariant", "SequenceName", "PulseSequenceName", "ScanOptions",
    "EchoPulseSequence", "MRAcquisitionType", "RepetitionTime", "EchoTime", "InversionTime",
    "FlipAngle", "EchoTrainLength", "DiffusionBValue", "b_value",
)  # fmt: skip
"""How a series was acquired: where a header holds none of them (images made from other files),
nothing but a name tells its weighting."""


def predicted(made: pl.DataFrame) -> pl.Series:
    """What ``classify`` made, in the words of the labels; NULL where it does not decide."""
    suffix = pl.col("bids_suffix").replace(ALIKE)
    kind = pl.col("sequenceClass")
    of_class = kind.replace_strict(
        {"ADC": "derived:dwi", "FA_MAP": "derived:dwi", "DTI": "derived:dwi", "DWI": "derived:dwi",
         "ASL": "derived:asl", "MIP": "derived:MIP", "SUBTRACTION": "derived:subtraction",
         "LOCALIZER": "localizer", "T1_MAP": "derived:T1", "T2_MAP": "derived:T2",
         "PWI": "derived:perfusion", "DERIVED": "derived:", "UNKNOWN": None},
        default=pl.concat_str(pl.lit("derived:"), kind),
    )  # fmt: skip
    return made.select(p=pl.when(kind != "UNKNOWN").then(pl.coalesce(suffix, of_class)))["p"]


def judged(frame: pl.DataFrame, drop: Sequence[str] = (), config: Config = DEFAULT) -> pl.DataFrame:
    """Labels and answers, one row for each series; ``drop`` are attributes that are blanked."""
    given = frame.drop([name for name in drop if name in frame.columns])
    if "disputed" not in frame.columns:
        frame = frame.with_columns(disputed=pl.lit(False))
    made = classify(given.drop("label", "origin", "dataset", "disputed", strict=False), config)
    known = [pl.col(name).is_not_null() for name in ACQUIRED if name in frame.columns]
    return pl.concat([
        frame.select("dataset", "origin", "Manufacturer", "disputed"),
        frame.select(acquired=pl.any_horizontal(pl.lit(False), *known)),
        frame.select(label=pl.col("label").replace(ALIKE)),
        made.select("classConfidence", "classReason", "sequenceClass", "standardManufacturer"),
        predicted(made).alias("answer").to_frame(),
    ], how="horizontal").with_columns(
        held=pl.col("dataset").replace_strict({n: held(n) for n in frame["dataset"].unique()}),
        right=(pl.col("label") == pl.col("answer")).fill_null(False),
        weight=1.0 / pl.len().over("dataset", "origin"),
        covered=~pl.col("label").is_in(UNCOVERED),
    )  # fmt: skip


def summary(rows: pl.DataFrame) -> dict[str, float]:
    """Figures of judged rows: by data set (weighted) and by row."""
    known = rows.filter("covered")
    other = rows.filter(~pl.col("covered"))
    recall = known.group_by("label").agg(
        (pl.col("right") * pl.col("weight")).sum() / pl.col("weight").sum()
    )
    plain = known.group_by("label").agg(pl.col("right").mean())
    total = known["weight"].sum() or 1.0

    def share(condition: pl.Expr) -> float:
        return float(known.filter(condition)["weight"].sum() / total)

    confident = pl.col("classConfidence") >= CONFIDENT
    return {
        "n": known.height,
        "accuracy": share(pl.col("right")),
        "by row": float(known["right"].mean() or 0.0),
        "macro recall": float(recall["right"].mean() or 0.0),
        "by row ": float(plain["right"].mean() or 0.0),
        "abstained": share(pl.col("answer").is_null()),
        "wrong": share(~pl.col("right") & pl.col("answer").is_not_null()),
        "confident": share(confident),
        "confident errors": share(confident & ~pl.col("right")),
        "uncovered n": other.height,
        "of them confident": other.filter(confident).height,
    }


COUNTS = ("n", "uncovered n", "of them confident")


def table(title: str, figures: dict[str, dict[str, float]]) -> None:
    """Print figures as a table, a line for each name."""
    print(f"\n{title}")
    names = list(next(iter(figures.values())))
    print(f"{'':34}" + "".join(f"{name:>18}" for name in names))
    for line, values in figures.items():
        print(f"{line:34}" + "".join(
            f"{int(values[n]):>18,}" if n in COUNTS else f"{values[n]:>18.4f}" for n in names
        ))  # fmt: skip


def confusion(rows: pl.DataFrame) -> None:
    """Print label x answer, in rows."""
    counted = (
        rows.with_columns(pl.col("answer").fill_null("(none)"))
        .pivot("answer", index="label", values="right", aggregate_function="len")
        .sort("label").fill_null(0)
    )  # fmt: skip
    columns = ["label", *sorted(c for c in counted.columns if c != "label")]
    widths = [max(len(c), *(len(str(v)) for v in counted[c])) + 1 for c in columns]
    print("".join(f"{c:>{w}}" for c, w in zip(columns, widths, strict=True)))
    for row in counted.select(columns).iter_rows():
        print("".join(f"{v:>{w}}" for v, w in zip(row, widths, strict=True)))


def calibration(rows: pl.DataFrame) -> None:
    """Print how often an answer is right, by how sure it said it is."""
    answered = rows.filter(pl.col("answer").is_not_null() & pl.col("covered")).with_columns(
        said=(pl.col("classConfidence") * 10).floor() / 10
    )
    print("  said            n   mean said   right (by data set)   right (by row)")
    for said, n, mean, right, plain in (
        answered.group_by("said").agg(
            pl.len(), (pl.col("classConfidence") * pl.col("weight")).sum() / pl.col("weight").sum(),
            ((pl.col("right") * pl.col("weight")).sum() / pl.col("weight").sum()).alias("r"),
            pl.col("right").mean().alias("p"),
        ).sort("said").iter_rows()
    ):  # fmt: skip
        print(f"  from {said:<7.1f}{n:6}{mean:12.3f}{right:20.3f}{plain:19.3f}")


STRANGE = (
    "CEST", "APTw", "MR elastography", "MRE", "MRF", "fingerprinting", "QSM", "T1rho", "B1map",
    "MOLLI", "MP2RAGE", "VFA", "cine", "tagging", "flow", "thermometry", "UTE", "PETRA", "IDEAL IQ",
    "noise", "calibration", "sodium", "myelin water", "ihMT", "spin lock", "relaxometry",
    "4D flow", "ZTE", "fat fraction", "PDFF", "GlucoCEST", "B1 TFL", "AFI", "DREAM", "MAGiC",
    "VASO", "TRUST", "qMT", "strain", "DENSE", "coil sensitivity", "shim", "31P", "23Na",
    "13C", "xenon", "look locker", "synthetic MR", "bolus tracker", "smartprep", "realtime",
    "interactive",
)  # fmt: skip
"""Kinds that no class covers; with headers of the timing of familiar kinds."""


def strange() -> pl.DataFrame:
    """Headers of kinds that no class covers: none of them may be classed for sure."""
    gre = {"ScanningSequence": "GR", "SequenceVariant": "SP", "MRAcquisitionType": "3D"}
    looks = (
        {**gre, "RepetitionTime": 5.0, "EchoTime": 2.0, "FlipAngle": 12.0},
        {**gre, "RepetitionTime": 40.0, "EchoTime": 20.0, "FlipAngle": 15.0},
        {"ScanningSequence": "SE", "RepetitionTime": 3000.0, "EchoTime": 90.0},
        {"ScanningSequence": "RM", "RepetitionTime": 500.0, "EchoTime": 5.0},
        {**gre, "ScanningSequence": "GR\\IR", "InversionTime": 800.0, "RepetitionTime": 2300.0,
         "EchoTime": 3.0, "FlipAngle": 9.0},
        {"ScanningSequence": "EP\\SE", "RepetitionTime": 3000.0, "EchoTime": 60.0},
        {"ScanningSequence": "EP\\GR", "RepetitionTime": 2000.0, "EchoTime": 30.0},
        {"ScanningSequence": "SE", "RepetitionTime": 500.0, "EchoTime": 10.0},
        {**gre, "MRAcquisitionType": "2D", "SequenceName": "*tfl2d1_32", "RepetitionTime": 6500.0,
         "EchoTime": 1.8, "FlipAngle": 8.0},
    )  # fmt: skip
    rows = [{**look, "SeriesDescription": name} for name in STRANGE for look in looks]
    return pl.DataFrame(rows, infer_schema_length=None)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--labels", nargs="*", type=Path, default=sorted(LABELS.glob("*.csv")))
    parser.add_argument("--guided-only", action="store_true", help="leave out what was kept")
    options = parser.parse_args()
    frames = [load(path) for path in options.labels]
    frames = [f.with_columns(disputed=d) for f, d in zip(frames, disputed(frames), strict=True)]
    if options.guided_only:
        frames = [guided(frame) for frame in frames]
    blanked: dict[str, Sequence[str]] = {"names": (), "blank": NAMES, "bare": BARE}
    views = {
        view: pl.concat(judged(frame, drop) for frame in frames) for view, drop in blanked.items()
    }
    report(pl.concat(classic(frame) for frame in frames), views)


def _line(part: pl.DataFrame, by: Sequence[str]) -> str:
    kept = "kept " if "dataset" in by and part["held"][0] else ""
    return kept + " ".join(str(part[name][0]) for name in by)


def report(old: pl.Series, views: dict[str, pl.DataFrame]) -> None:
    """Print everything."""
    names = sorted(set(views["names"]["dataset"]))
    print("guided:", ", ".join(n for n in names if not held(n)))
    print("kept:  ", ", ".join(n for n in names if held(n)))
    figures: dict[str, dict[str, float]] = {}
    agreed: dict[str, dict[str, float]] = {}
    told_by: dict[str, dict[str, float]] = {}
    for title, group in (
        ("kept", pl.col("held")),
        ("guided", ~pl.col("held")),
        ("all", pl.lit(True)),
    ):
        for view, rows in views.items():
            if rows.filter(group).height:
                figures[f"{title}, {view}"] = summary(rows.filter(group))
                undisputed = rows.filter(group, ~pl.col("disputed"))
                agreed[f"{title}, {view}"] = summary(undisputed)
                told_by[f"{title}, {view}"] = summary(undisputed.filter("acquired"))
        old_rows = (
            views["names"]
            .with_columns(old.alias("answer"))
            .with_columns(
                right=(pl.col("label") == pl.col("answer")).fill_null(False),
                classConfidence=pl.lit(1.0),
            )
        )
        if old_rows.filter(group).height:
            figures[f"{title}, classic"] = summary(old_rows.filter(group))
    odd = classify(strange())
    sure = int((odd["classConfidence"] >= CONFIDENT).sum())
    print(f"\nKinds that no class covers, made up: {odd.height} headers, {sure} classed as sure")
    table("Overall (each data set counts the same)", figures)
    odd_rows = views["names"].filter("disputed")
    if odd_rows.height:
        told = odd_rows.group_by("dataset", "origin", "label").len().sort("dataset", "origin")
        print("\nSeries to which the files of labels give different labels:")
        for dataset, origin, label, n in told.iter_rows():
            print(f"  {dataset} ({origin}): {n} rows {label}")
        table("Overall without them", agreed)
    silent = views["names"].filter(~pl.col("acquired"))
    if silent.height:
        told = (
            silent.group_by("dataset", "origin", "label").len().sort("dataset", "origin", "label")
        )
        print("\nSeries whose headers hold nothing of how they were acquired:")
        for dataset, origin, label, n in told.iter_rows():
            print(f"  {dataset} ({origin}): {n} rows {label}")
        table("Overall without these and without what is in dispute", told_by)
    for view, rows in views.items():
        for by in (["standardManufacturer"], ["dataset", "origin"]):
            parts = rows.sort(by).partition_by(by)
            table(f"By {by[0]}, {view}", {_line(part, by): summary(part) for part in parts})
        print(f"\nConfusion, {view} (label x answer, series)")
        confusion(rows)
        print(f"\nCalibration, {view}")
        for title, group in (("guided", ~pl.col("held")), ("kept", pl.col("held"))):
            print(f" {title}")
            calibration(rows.filter(group))


if __name__ == "__main__":
    main()
