"""Locks what is installed, to the byte: how the two locks are renewed, and when a new one counts."""
