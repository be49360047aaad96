"""Refuses to start an API that could open more connections than PostgreSQL takes: it would find out under load."""

from typing import Final

import psycopg

from ops.clients import postgres
from ops.failure import Failure
from ops.settings import Settings

#: Capture, the collector of dead letters and the scheduler, those that stand by, and whoever looks with psql.
FOR_OTHERS: Final = 12
#: Those that the database for BI tools lets in, where somebody named one. The local server has room for them.
FOR_BI: Final = 10
#: Beside its pool each worker hears on a connection of its own what changed.
_FOR_NOTICES: Final = 1
_CONNECT_S: Final = 3
_TAKES: Final = """
    SELECT sum(CASE name WHEN 'max_connections' THEN setting::int ELSE -setting::int END) FROM pg_settings
    WHERE name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections')
"""


def require_room(settings: Settings, each_worker: int) -> None:
    """Raises `Failure`. Where PostgreSQL is away, and nobody has said how many there are, it is not looked at."""
    wanted = (each_worker + _FOR_NOTICES) * (settings.api_workers + 1)  # a new worker begins before an old one ends
    if settings.postgres_most_connections:
        found, others = settings.postgres_most_connections, 0
    else:
        found = _taken_by_the_server(settings)
        others = FOR_OTHERS + (FOR_BI if "postgres_bi_url" in settings.model_fields_set else 0)
    if wanted + others > found:
        raise Failure(
            f"{settings.api_workers} workers, and one more while they are replaced, may open {wanted} connections to"
            f" PostgreSQL; with {others} for other processes that is more than the {found} there are.",
            f"Let max_connections of PostgreSQL be {wanted + others + 3} or more, or set RUSTOK_API_WORKERS or"
            " RUSTOK_API_THREADS lower; behind a pooler set RUSTOK_POSTGRES_MOST_CONNECTIONS.",
        )


def _taken_by_the_server(settings: Settings) -> int:
    try:
        with postgres.connect(settings.postgres_api_url, connect_s=_CONNECT_S) as connection:
            row = connection.execute(_TAKES).fetchone()
    except psycopg.OperationalError:
        return 2**31
    return 0 if row is None else int(row[0])
