"""Removes sessions and mailed links that ended long ago, also of people who never come back.

A session takes its refresh tokens with it. Until then a token or link that is too old is told as such; afterwards it is
one that nobody knows.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg

from api.jobs.batched_deletes import BATCH, delete_all
from ops.clients import database_roles
from ops.scheduler.jobs import Job
from ops.settings import Settings

_SESSIONS: Final = """
    DELETE FROM sessions WHERE ends_at < %(before)s AND ctid = ANY (ARRAY(
        SELECT ctid FROM sessions WHERE ends_at < %(before)s ORDER BY ends_at LIMIT %(batch)s
    ))
"""
_LINKS: Final = """
    DELETE FROM user_links WHERE ends_at < %(before)s AND ctid = ANY (ARRAY(
        SELECT ctid FROM user_links WHERE ends_at < %(before)s ORDER BY ends_at LIMIT %(batch)s
    ))
"""


def prune(connection: psycopg.Connection[Any], before: datetime, *, batch: int = BATCH) -> int:
    """Those that ended before that moment; returns how many. `connection` is in autocommit mode."""
    return delete_all(connection, "sessions", _SESSIONS, {"before": before}, batch=batch) + delete_all(
        connection, "user_links", _LINKS, {"before": before}, batch=batch
    )


def turn(settings: Settings) -> None:
    with database_roles.connect(settings, "scheduler", name="rustok scheduler") as connection:
        prune(connection, datetime.now(UTC) - timedelta(days=settings.session_keep_days))


JOB: Final = Job("prune-sessions", lambda settings: settings.prune_every_s, turn)
