"""Taglake's application: everything that turns the lake into answers on a screen or a terminal."""
