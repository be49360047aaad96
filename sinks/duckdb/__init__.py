"""Keeps read models in DuckDB: one file for each, read as published copies."""
