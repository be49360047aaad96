"""What can happen? One file per aggregate: what it is, and every event about it with all its versions.

Every event carries the whole aggregate as it is afterwards: the newest event of an aggregate is all a reader needs.
"""
