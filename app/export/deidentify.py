"""A frame without identity: each column is treated as its class says (PS3.15 Annex E).

Which class a column is of says ``ingest.schema.deidentification``. Hashes are keyed with the
databank's secret, so the same UID or ID is the same in all exports of a databank, tables still
join, and nobody without the secret can try values until they fit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from app.export.dictionary import Columns
from ingest.schema.deidentification import TEMPORAL, Action, action

PATIENT = "taglake patient"
"""The column with the patient of each row, by which dates are moved; never written."""
DUMMY = "REMOVED"
LONGEST_SHIFT = 3650
"""Days that dates are moved back at most; at least one."""

COMPUTED: Mapping[str, Action] = {
    "patient": "hash", "matrix": "keep", "position": "keep", "n": "keep", "n_values": "keep",
    "n_present": "keep", "files": "keep", "bytes": "keep", "series": "keep", "studies": "keep",
    "patients": "keep", "instances": "keep", "headers": "keep", "manufacturer": "keep",
    "modality": "keep", "facet": "keep", "match": "keep",
}  # fmt: skip
"""Columns that questions compute; any other that the schema does not know is removed."""

PATIENT_OF = (
    ("patient_key", "q.patient_key"),
    ("instance_id", "(SELECT min(patient_key) FROM memory.main.instances AS o "
     "WHERE o.instance_id = q.instance_id)"),
    ("SOPInstanceUID", "(SELECT min(patient_key) FROM memory.main.instances AS o "
     "WHERE o.SOPInstanceUID = q.SOPInstanceUID)"),
    ("SeriesInstanceUID", "(SELECT min(patient_key) FROM memory.main.series AS o "
     "WHERE o.SeriesInstanceUID = q.SeriesInstanceUID)"),
    ("StudyInstanceUID", "(SELECT min(patient_key) FROM memory.main.studies AS o "
     "WHERE o.StudyInstanceUID = q.StudyInstanceUID)"),
    ("header_id", "(SELECT min(patient_key) FROM memory.main.instances AS o "
     "WHERE o.header_id = q.header_id)"),
)  # fmt: skip
"""How the patient of a row is found: by the first of these columns that there is."""
PATIENT_OF_PARAMETER = {
    "study": "(SELECT min(patient_key) FROM memory.main.studies WHERE StudyInstanceUID = $study)",
    "instance": "(SELECT min(patient_key) FROM memory.main.instances "
    "WHERE instance_id = $instance)",
}


@dataclass(frozen=True)
class Deidentifier:
    """Treats the frames of one table; ``key`` is the secret of the databank.

    ``actions`` says for each column what becomes of it; see ``of``.
    """

    key: bytes
    actions: Mapping[str, Action]
    shift: bool

    def apply(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame as it may leave, without the column of the patient."""
        days = self._days(frame) if self.shift and PATIENT in frame.columns else None
        made = [
            self._treated(frame[name], kind, days)
            for name, kind in self.actions.items()
            if kind != "remove"
        ]
        return pl.DataFrame(made)

    def _treated(self, column: pl.Series, kind: Action, days: pl.Series | None) -> pl.Series:
        if kind == "hash":
            return _mapped(column, self._hash)
        if kind == "uid":
            return _mapped(column, self._uid)
        if kind == "replace":
            return _dummy(column)
        if kind == "shift" and days is not None and column.dtype != pl.Time:
            frame = pl.DataFrame({"value": column, "days": days})
            return frame.select(pl.col("value") - pl.duration(days="days"))["value"].alias(
                column.name
            )
        return column

    def _days(self, frame: pl.DataFrame) -> pl.Series:
        def days(patient: str) -> int:
            return 1 + int.from_bytes(self._digest(b"shift", patient)) % LONGEST_SHIFT

        patients = frame[PATIENT]
        known = patients.unique().drop_nulls().to_list()
        return patients.replace_strict(
            known, [days(one) for one in known], default=None, return_dtype=pl.Int64
        )

    def _hash(self, value: str) -> str:
        return self._digest(b"hash", value).hex()

    def _uid(self, value: str) -> str:
        """A UID made of a UUID of version 8 (PS3.5 B.2, RFC 9562), at most 44 characters long."""
        number = int.from_bytes(self._digest(b"uid", value))
        number = number & ~(0xF << 76) | 8 << 76
        return f"2.25.{number & ~(0x3 << 62) | 2 << 62}"

    def _digest(self, what: bytes, value: str) -> bytes:
        return hashlib.blake2b(
            value.encode(), key=self.key, digest_size=16, person=b"export " + what
        ).digest()


def of(
    key: bytes, schema: Mapping[str, pl.DataType], columns: Columns, *, shift: bool
) -> Deidentifier:
    """What treats rows with these columns, of which the schema knows ``columns``.

    Dates go, unless ``shift``.
    """
    actions: dict[str, Action] = {}
    for name, dtype in schema.items():
        kind = action(columns[name]) if name in columns else COMPUTED.get(name, "remove")
        if kind == "shift" and not (shift and isinstance(dtype, TEMPORAL)):
            kind = "remove"
        actions[name] = kind
    return Deidentifier(key, actions, shift)


def patient_of(columns: tuple[str, ...], params: Mapping[str, object]) -> str:
    """SQL that gives the patient of a row, or "" where nothing leads to one."""
    for name, sql in PATIENT_OF:
        if name in columns:
            return sql
    return next((PATIENT_OF_PARAMETER[name] for name in params if name in PATIENT_OF_PARAMETER), "")


def _mapped(column: pl.Series, change: Callable[[str], str]) -> pl.Series:
    """Each value changed, of lists each of their values; as text, whatever it was."""
    is_list = isinstance(column.dtype, pl.List)
    values = column.explode() if is_list else column
    known = values.cast(pl.String).unique().drop_nulls().to_list()
    made = [change(value) if value else value for value in known]
    text = (pl.element() if is_list else pl.col(column.name)).cast(pl.String)
    changed = text.replace_strict(known, made, default=None, return_dtype=pl.String)
    expression = pl.col(column.name).list.eval(changed) if is_list else changed
    return column.to_frame().select(expression.alias(column.name))[column.name]


def _dummy(column: pl.Series) -> pl.Series:
    if column.dtype == pl.String:
        frame = column.to_frame()
        return frame.select(
            pl.when(pl.col(column.name).is_not_null()).then(pl.lit(DUMMY)).alias(column.name)
        )[column.name]
    return pl.Series(column.name, [None] * len(column), column.dtype)
