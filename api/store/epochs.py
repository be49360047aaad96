"""Says of which epoch a change is: raised when the database was put back to an older copy, and part of every receipt.

It is the thread's own: of the unit of work it is in, or had last.
"""

from contextvars import ContextVar
from typing import Any, Final

import psycopg

ASK: Final = b"SELECT current_epoch()"
_current: Final[ContextVar[int]] = ContextVar("epoch", default=0)


def current() -> int:
    return _current.get()


def written(epoch: int) -> None:
    """A change was written in this one."""
    _current.set(epoch)


def read(connection: psycopg.Connection[Any]) -> int:
    """The database's own."""
    return told(connection.execute(ASK))


def told(asked: psycopg.Cursor[Any]) -> int:
    """The same, of a cursor whose last statement was `ASK`."""
    while asked.nextset():
        pass
    row = asked.fetchone()
    return int(row[0]) if row else 0
