"""Debezium, somebody else's capture of the same outbox: to compare with, and to prove that it can take the place."""
