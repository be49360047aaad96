"""Runs Debezium, somebody else's capture of the same outbox: to compare with, and to prove it can take our place."""
