"""Tests. Polars has one thread in their own processes; programs that they start have their own.

Most tests ask it for thousands of small steps, and handing each to several threads took a sixth of
the time of those about MR (measured, two cores). It is set here, as the number of threads is fixed
when the first is used.
"""

import os

os.environ["POLARS_MAX_THREADS"] = "1"
import polars as pl

assert pl.thread_pool_size() == 1, "Polars was used before the first test"
del os.environ["POLARS_MAX_THREADS"]
