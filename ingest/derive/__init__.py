"""Derived tables: what SQL makes of the batches, and what pages read.

Everything is decided by DuckDB over Parquet, one .sql file per table, so memory does not grow with
the lake and nothing depends on the order in which files were read.  Only the series that new
batches touch are aggregated again; all other rows are carried over.
"""
