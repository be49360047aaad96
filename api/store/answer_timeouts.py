"""Limits how long PostgreSQL is waited for: its own limits for statements and locks, and ours for a server that is
silent.

A server that hangs (stopped, swapping, behind a broken network) keeps no limit of its own and its kernel still answers
for it, so the client has to give up: the connection is closed and the thread is free.
"""

import math
import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import psycopg

from ops.metrics import DB_QUERY_SECONDS

T = TypeVar("T")

#: What the server needs to tell that a statement took too long.
_GRACE_S: Final = 1.0
#: For the sign of life before a connection is used.
_CHECK_S: Final = 1.0
#: Who answered so short a time ago is not asked for one.
_HEARD_S: Final = 0.5
_TICK_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class AnswerTimeouts:
    """0 is for ever."""

    connect_s: float
    statement_s: float
    lock_s: float


#: Commands of the command line: they may take long, and somebody sits before them.
UNHURRIED: Final = AnswerTimeouts(connect_s=3, statement_s=0, lock_s=0)


class NoAnswer(psycopg.OperationalError):
    """The server has not answered in time, and the connection is closed."""


class Answering(psycopg.Connection[Any]):
    """A connection that waits `answer_s` for each answer at most; 0 is for ever. `heard_s`: when the last one came.

    Who says how long to wait waits for what may never come, such as a notice, and for no answer.
    """

    answer_s: float = 0.0
    heard_s: float = -math.inf

    def wait(self, gen: Generator[Any, Any, T], interval: float = _TICK_S, timeout: float | None = None) -> T:
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        began = time.perf_counter()
        try:
            answer = self._answer(gen, interval)
            self.heard_s = time.monotonic()
            return answer
        finally:
            DB_QUERY_SECONDS.observe(time.perf_counter() - began)

    def _answer(self, gen: Generator[Any, Any, T], interval: float) -> T:
        if not self.answer_s:
            return super().wait(gen, interval)
        try:
            return super().wait(_until(gen, time.monotonic() + self.answer_s), min(interval, _TICK_S))
        except NoAnswer:
            self.pgconn.finish()
            raise


def connection_options(patience: AnswerTimeouts) -> dict[str, Any]:
    """Also for a network that swallows everything: without an answer to what was sent the kernel gives up."""
    return {
        "connect_timeout": max(2, round(patience.connect_s)),
        "tcp_user_timeout": round((patience.statement_s + _GRACE_S) * 1000) if patience.statement_s else 0,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    }


def be_patient(connection: psycopg.Connection[Any], patience: AnswerTimeouts) -> None:
    """Tells the server, and the connection, how long a statement may take."""
    if patience.statement_s:
        milliseconds = {
            "statement_timeout": patience.statement_s,
            "lock_timeout": patience.lock_s,
            "idle_in_transaction_session_timeout": patience.statement_s * 3,
        }
        for name, seconds in milliseconds.items():
            connection.execute("SELECT set_config(%s, %s, false)", (name, str(round(seconds * 1000))))
    if isinstance(connection, Answering):
        connection.answer_s = patience.statement_s + _GRACE_S if patience.statement_s else 0.0


def check(connection: psycopg.Connection[Any]) -> None:
    """Raises when the connection is of no use: what the pool asks before it lends one, unless it was heard of just now:
    that would be a way to the server and back for each request, for what hardly ever is so.
    """
    if not isinstance(connection, Answering):
        raise TypeError("the pool makes other connections than it should")
    if time.monotonic() - connection.heard_s < _HEARD_S:
        return
    usual, connection.answer_s = connection.answer_s, _CHECK_S
    try:
        connection.execute("")
    finally:
        connection.answer_s = usual


def _until(gen: Generator[Any, Any, T], deadline_s: float) -> Generator[Any, Any, T]:
    """As `gen`, which is told that nothing has happened as often as somebody looks."""
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if not ready and time.monotonic() > deadline_s:
                raise NoAnswer("PostgreSQL has not answered in time")
            wanted = gen.send(ready)
    except StopIteration as done:
        value: T = done.value
        return value
