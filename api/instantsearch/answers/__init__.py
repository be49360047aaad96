"""Writes what was found as such a client reads it."""
