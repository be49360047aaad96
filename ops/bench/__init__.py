"""Finds the benchmarks that the other rooms bring."""
