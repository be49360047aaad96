"""Checks what we are made of: packages, licences, secrets that lie around, careless code."""
