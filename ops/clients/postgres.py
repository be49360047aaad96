"""Builds every client of PostgreSQL: connections, replication streams, pools.

TLS and credentials are in the URL, in libpq's own words: `postgresql://user:password@host/db?sslmode=verify-full&
sslrootcert=/etc/ssl/ours.pem`. Which URL is for what is said in the settings: each duty has a role of its own.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from psycopg_pool import ConnectionPool

C = TypeVar("C", bound=psycopg.Connection[Any])


def connect(
    url: str, *, autocommit: bool = False, name: str | None = None, connect_s: int | None = None, options: str = ""
) -> psycopg.Connection[Any]:
    """`name` is how the server shows it, `connect_s` how long to try, `options` what the server is told at once."""
    more: dict[str, Any] = {}
    if name:
        more["application_name"] = name
    if connect_s is not None:
        more["connect_timeout"] = connect_s
    if options:
        more["options"] = options
    return psycopg.connect(url, autocommit=autocommit, **more)


def replication(url: str, *, name: str | None = None) -> psycopg.Connection[Any]:
    """A connection that speaks the replication protocol, to the database of the URL."""
    more: dict[str, Any] = {"application_name": name} if name else {}
    return psycopg.connect(url, replication="database", autocommit=True, **more)


def pool(
    url: str,
    kind: type[C],
    *,
    most: int,
    wait_s: float,
    name: str,
    options: dict[str, Any],
    check: Callable[[C], None],
    configure: Callable[[C], None],
) -> ConnectionPool[C]:
    """One that connects in the background, once it is opened, and gives only connections that `check` lets pass."""
    return ConnectionPool(
        url,
        min_size=1,
        max_size=most,
        open=False,
        timeout=wait_s,
        reconnect_timeout=10,
        connection_class=kind,
        check=check,
        configure=configure,
        kwargs={"autocommit": True, "application_name": name, **options},
    )
