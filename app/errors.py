"""What can go wrong between a question and its answer; light, so that it can be caught anywhere."""

from __future__ import annotations


class StatementRefused(Exception):
    """The statement may not be run; the text says why, in a sentence."""


class QueryFailed(Exception):
    """DuckDB could not run a query; the text is its message as one sentence."""
