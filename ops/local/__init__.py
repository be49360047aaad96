"""Runs the real servers on this machine, without Docker."""
