"""Holds the commands `rustok` has of its own: up, down, restart, status, test, dev and the scheduler."""
