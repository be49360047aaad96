"""Opens a transaction of the platform in a group of roles: it sees the rows of every tenant that its duty needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg


@contextmanager
def as_duty(connection: psycopg.Connection[Any], group: str) -> Iterator[psycopg.Connection[Any]]:
    with connection.transaction():
        connection.execute(
            "SELECT set_config('role', %s, true), set_config('rustok.tenant', '', true),"
            " set_config('rustok.platform', 'on', true)",
            (group,),
        )
        yield connection
