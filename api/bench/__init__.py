"""Measures what the API's own side costs."""
