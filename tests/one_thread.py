"""Imported before all that imports Polars, this gives it one thread in the processes of the tests.

Most tests ask for thousands of small steps, and handing each to several threads took a sixth of the
time of those about MR (measured, two cores). Programs that tests start have as many as at users'.
"""

import os

os.environ["POLARS_MAX_THREADS"] = "1"
import polars as pl

assert pl.thread_pool_size() == 1, "Polars has been imported before"
del os.environ["POLARS_MAX_THREADS"]
