"""How long 1,000,000 MR series take to class: repeating as real ones do, and all different.

    python -m bench.mr_speed [--series N]

``real``: the labelled header rows of ../shared/data/labels, repeated, each in a study of its
own.  ``different``: the same with TR, TE and names that occur once.
"""

from __future__ import annotations

import argparse
import resource
import time

import polars as pl

from bench.machine import machine
from bench.mr_labels import LABELS, header_rows
from ingest.mr import classify

COPIES_OF_A_STUDY = 12


def cohort(series: int, *, different: bool) -> pl.DataFrame:
    """``series`` rows made of the labelled ones, typed as in the lake."""
    rows = header_rows(LABELS / "mr_header_rows.csv").drop("label", "dataset", "origin")
    numbers = ("EchoTime", "RepetitionTime", "InversionTime", "FlipAngle", "EchoTrainLength",
               "MagneticFieldStrength", "ImagingFrequency", "SliceThickness",
               "SeriesNumber")  # fmt: skip
    lists = ("ImageType", "ScanningSequence", "SequenceVariant", "ScanOptions")
    rows = rows.with_columns(
        *(pl.col(n).cast(pl.Float64, strict=False) for n in numbers),
        *(pl.col(n).str.split("\\") for n in lists),
        pl.col("ImageOrientationPatient").str.strip_chars("[]").str.split(", ")
        .cast(pl.List(pl.Float64), strict=False),
    )  # fmt: skip
    many = rows[[i % rows.height for i in range(series)]].with_row_index("i")
    many = many.with_columns(
        StudyInstanceUID=pl.format("1.2.{}", pl.col("i") // COPIES_OF_A_STUDY),
        SeriesInstanceUID=pl.format("1.3.{}", "i"),
        SeriesNumber=pl.col("i") % COPIES_OF_A_STUDY,
    )
    if different:
        many = many.with_columns(
            RepetitionTime=pl.col("RepetitionTime") + pl.col("i") * 1e-7,
            SeriesDescription=pl.concat_str(
                pl.col("SeriesDescription").fill_null(""), pl.lit("_"), pl.col("i")
            ),
        )
    return many.drop("i")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--series", type=int, default=1_000_000)
    options = parser.parse_args()
    print(machine(), f"polars {pl.__version__}, {pl.thread_pool_size()} threads")
    for name in ("real", "different"):
        frame = cohort(options.series, different=name == "different")
        before = time.perf_counter(), time.process_time()
        made = classify(frame)
        wall, used = time.perf_counter() - before[0], time.process_time() - before[1]
        assert made.height == options.series
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"{name:10} {options.series:,} series: {wall:6.2f} s, processor {used:6.2f} s, "
              f"peak {peak:.2f} GiB")  # fmt: skip


if __name__ == "__main__":
    main()
