"""Statements that people write: answered in a process of their own, saved, explained.

A process and not a thread, because DuckDB can neither be interrupted nor bounded in memory inside
one value (``repeat('x', 2000000000)`` runs for seconds and takes gigabytes whatever its settings
say); a process can be ended at any moment, and its death leaves the app alone.
"""
