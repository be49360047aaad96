"""Lets one process at a time change where the readers of a model are led: it holds a lock of the database.

Another one may want it to end (`pausing`): it holds a second lock, which whoever has the first looks at.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg

from ops.clients import postgres
from ops.failure import Failure
from ops.settings import Settings

_CONNECT_S: Final = 5
#: The lock of whoever has it to itself.
LOCK: Final = "rustok rebuild"
_TAKE: Final = f"SELECT pg_try_advisory_lock(hashtext('{LOCK}'), hashtext(%s))"
_WAIT: Final = f"SELECT pg_advisory_lock(hashtext('{LOCK}'), hashtext(%s))"
_ASK_TO_END: Final = "SELECT pg_advisory_lock(hashtext('rustok rebuild pause'), hashtext(%s))"
#: It is let go at the end of the statement.
_MAY_GO_ON: Final = "SELECT pg_try_advisory_xact_lock_shared(hashtext('rustok rebuild pause'), hashtext(%s))"
#: Judging may take long, and is ended when it is done.
_ENDED_WITHIN: Final = "SET lock_timeout = '600s'"


class Busy(Failure):
    """Somebody else changes just now what is to be changed."""


class Paused(Failure):
    """Somebody wanted it to end."""


class Interrupted(Failure):
    """PostgreSQL does not answer: nothing was decided, and it can be begun again."""


@contextmanager
def alone(settings: Settings, name: str) -> Iterator[Callable[[], None]]:
    """It goes with its connection, so with whoever is killed. Raises `Busy` and `Interrupted`.

    What it gives is to be called every now and then: it raises `Paused` when that is to end, and `Interrupted`.
    """
    with _connected(settings, name) as connection:
        if not _is_true(connection, _TAKE, name):
            raise Busy(
                f"Somebody rebuilds {name} just now, or leads its readers elsewhere.",
                f"`rustok sinks rebuild status {name}` shows how far it is; `pause` ends it.",
            )

        def go_on() -> None:
            try:
                if _is_true(connection, _MAY_GO_ON, name):
                    return
            except psycopg.OperationalError as lost:
                raise Interrupted(
                    f"PostgreSQL went away: {str(lost).splitlines()[0]}",
                    f"What was made of {name} stays: begin again, and it goes on from there.",
                ) from lost
            raise Paused(
                f"Somebody paused the rebuild of {name}.", f"`rustok sinks rebuild resume {name}` goes on from there."
            )

        yield go_on


@contextmanager
def pausing(settings: Settings, name: str) -> Iterator[bool]:
    """Whoever rebuilds it has ended, and nobody begins as long as this lasts. Gives whether somebody did."""
    with _connected(settings, name) as connection:
        nobody = _is_true(connection, _TAKE, name)
        if not nobody:
            connection.execute(_ENDED_WITHIN)
            try:
                connection.execute(_ASK_TO_END, (name,))
                connection.execute(_WAIT, (name,))
            except psycopg.errors.LockNotAvailable as busy:
                raise Failure(f"The rebuild of {name} has not ended in ten minutes.", "Ask again, or end it.") from busy
        yield not nobody


@contextmanager
def _connected(settings: Settings, name: str) -> Iterator["psycopg.Connection[Any]"]:
    try:
        connection = postgres.connect(
            settings.postgres_url, autocommit=True, name=f"rustok rebuild {name}", connect_s=_CONNECT_S
        )
    except psycopg.OperationalError as away:
        raise Interrupted(
            f"PostgreSQL does not answer: {str(away).splitlines()[0]}", "`rustok status` shows it."
        ) from away
    with connection:
        yield connection


def _is_true(connection: "psycopg.Connection[Any]", query: str, name: str) -> bool:
    row = connection.execute(query.encode(), (name,)).fetchone()
    return row is not None and bool(row[0])
