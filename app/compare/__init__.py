"""Comparison of two series, element by element, and of two studies, series by series."""
