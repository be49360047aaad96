"""Lets one process at a time change where the readers of a model are led: it holds a lock of the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg

from ops.clients import postgres
from ops.failure import Failure
from ops.settings import Settings

_CONNECT_S: Final = 5


@contextmanager
def alone(settings: Settings, name: str) -> Iterator[None]:
    """It goes with its connection, so with whoever is killed. Raises `Failure`."""
    try:
        connection = postgres.connect(
            settings.postgres_url, autocommit=True, name=f"rustok rebuild {name}", connect_s=_CONNECT_S
        )
    except psycopg.OperationalError as away:
        raise Failure(f"PostgreSQL does not answer: {str(away).splitlines()[0]}", "`rustok status` shows it.") from away
    with connection:
        row = connection.execute(
            "SELECT pg_try_advisory_lock(hashtext('rustok rebuild'), hashtext(%s))", (name,)
        ).fetchone()
        if row is None or not row[0]:
            raise Failure(
                f"Somebody rebuilds {name} just now, or leads its readers elsewhere.",
                f"`rustok sinks rebuild status {name}` shows how far it is.",
            )
        yield
