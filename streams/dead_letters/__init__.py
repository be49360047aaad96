"""Collects dead letters into a table, shows them, and takes what people decide about them."""
