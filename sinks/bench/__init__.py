"""Benchmarks of the read models that `rustok bench` finds."""
