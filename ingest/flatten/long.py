"""Element rows as integers: whose, of which key, and which of the decoded values.

Most values come again and again: of 2.4 million element rows of real whole series one in ten has a
value of its own.  So a value is decoded, converted and kept once, and rows point to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Indices = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Long:
    """Decoded rows: ``owner[i]`` has the element ``key[i]`` with row ``value[i]`` of ``values``."""

    owner: Indices
    key: Indices
    value: Indices
    values: pl.DataFrame
    """The distinct values: ``text``, ``number``, ``byte_length``, ``sha256``."""
    owners: int  # how many there are

    def of(self, keys: Sequence[int], n_keys: int) -> Long:
        """The rows of these of ``n_keys`` keys."""
        wanted = np.zeros(n_keys, dtype=np.bool_)
        wanted[np.asarray(keys, dtype=np.int64)] = True
        return self.at(np.flatnonzero(wanted[self.key]))

    def at(self, rows: Indices) -> Long:
        """Some of the rows."""
        return Long(self.owner[rows], self.key[rows], self.value[rows], self.values, self.owners)

    @property
    def numbers(self) -> pl.DataFrame:
        """``owner``, ``key`` and ``value``, a row each."""
        return pl.DataFrame({"owner": self.owner, "key": self.key, "value": self.value})

    @property
    def frame(self) -> pl.DataFrame:
        """``owner``, ``key`` and the columns of the values, a row each."""
        whose = pl.DataFrame({"owner": self.owner, "key": self.key})
        return pl.concat([whose, self.values[self.value]], how="horizontal")
