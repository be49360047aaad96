"""Checks what analysts read: expectations as code, run on published snapshots by Great Expectations."""
