"""Holds what people can read: read models, and the stores they live in."""
