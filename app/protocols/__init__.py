"""Protocols: what differs between two of them, and the units of their parameters."""
