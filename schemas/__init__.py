"""Declares what producers and consumers agree on: events and their versions, the envelope, the topics, the wire format
and the outbox row.
"""
