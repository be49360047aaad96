"""Emits the state of the tables again: read, turned into events, and sent through the outbox."""
