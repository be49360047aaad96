"""Says of which epoch a change is: raised when the database was put back to an older copy, and part of every receipt.

It is the thread's own: of the unit of work it is in, or had last.
"""

from contextvars import ContextVar
from typing import Any, Final

import psycopg

_current: Final[ContextVar[int]] = ContextVar("epoch", default=0)


def current() -> int:
    return _current.get()


def written(epoch: int) -> None:
    """A change was written in this one."""
    _current.set(epoch)


def read(connection: psycopg.Connection[Any]) -> int:
    """The database's own."""
    row = connection.execute("SELECT current_epoch()").fetchone()
    return int(row[0]) if row else 0
