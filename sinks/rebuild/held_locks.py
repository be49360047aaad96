"""Asks who holds an advisory lock without taking it: the lock of who is looked for is never away for it."""

from typing import Final

_HELD: Final = """
    EXISTS (
        SELECT FROM pg_locks
        WHERE locktype = 'advisory' AND granted AND objsubid = 2
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND classid::bigint = hashtext('{lock}')::bigint & 4294967295
            AND objid::bigint = hashtext({of})::bigint & 4294967295
    )
"""


def is_held(lock: str, of: str) -> str:
    """A condition of SQL: whether somebody holds `lock` of what the expression `of` says."""
    return _HELD.format(lock=lock, of=of)
