"""Bytes to elements: tokens, value representations, character sets, private creators, templates."""
