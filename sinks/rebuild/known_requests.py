"""Shows the command what was asked for over the API, and corrects it when the command does something itself.

What goes on over the API is none of its business: who carries that out writes down how it ends.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, LiteralString

import psycopg
from psycopg.errors import UndefinedColumn, UndefinedTable

from ops.clients import database_roles, postgres
from ops.settings import Settings
from sinks.rebuild.rebuild_request import RebuildRequest
from sinks.rebuild.request_rows import RequestRows

_CONNECT_S: Final = 3
_CANCELLED: LiteralString = """
    UPDATE rebuild_requests SET state = 'cancelled', ended_at = now()
    WHERE model = %s AND state IN ('waiting', 'running', 'paused')
"""
_FORGOTTEN: LiteralString = "DELETE FROM rebuild_requests WHERE model = %s AND state NOT IN ('waiting', 'running')"


def newest(settings: Settings, model: str) -> RebuildRequest | None:
    """None also when nobody can say: a new version may be made before its migrations."""
    with suppress(psycopg.OperationalError, UndefinedTable, UndefinedColumn), _keeper(settings) as connection:
        return RequestRows(connection).get(model)
    return None


def cancelled(settings: Settings, model: str) -> None:
    """What was going on, waited or was paused: what it had made is gone."""
    _correct(settings, _CANCELLED, model)


def forgotten(settings: Settings, model: str) -> None:
    """What was paused or is over: something newer is done now, and its report says what it came to."""
    _correct(settings, _FORGOTTEN, model)


def _correct(settings: Settings, statement: LiteralString, model: str) -> None:
    """A new version may be made before its migrations: where there is no table, nobody asked for anything."""
    with suppress(UndefinedTable), _keeper(settings) as connection:
        connection.execute(statement, (model,))


@contextmanager
def _keeper(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    with postgres.connect(settings.postgres_url, name="rustok rebuild", connect_s=_CONNECT_S) as connection:
        database_roles.act_as(connection, database_roles.KEEPER)
        yield connection
