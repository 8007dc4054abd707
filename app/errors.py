"""What can go wrong between a question and its answer; light, so that it can be caught anywhere."""

from __future__ import annotations


class _Told(Exception):
    """``place`` is DuckDB's drawing of where in the statement something is wrong, or ""."""

    def __init__(self, message: str = "", place: str = "") -> None:
        super().__init__(message)
        self.place = place


class StatementRefused(_Told):
    """The statement may not be run; the text says why, in a sentence."""


class QueryFailed(_Told):
    """DuckDB could not run a query; the text is its message as one sentence."""
