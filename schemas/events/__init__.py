"""Declares every event: one file per aggregate, with what it is and all versions of all events about it.

Every event carries the whole aggregate as it is afterwards: the newest event of an aggregate is all a reader needs.
"""
