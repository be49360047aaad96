"""Writes down how far what was asked for is: as the keeper, by the scheduler and by who carries a request out.

Whoever carries one out holds a lock of it, which goes with the process. So one that is `running` while nobody holds its
lock was left by whoever was killed, and is begun again.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from ops.clients import database_roles
from sinks.rebuild.held_locks import is_held
from sinks.rebuild.one_rebuild import LOCK
from sinks.rebuild.progress import Progress
from sinks.rebuild.rebuild_request import ENDING, RebuildRequest, State
from sinks.rebuild.request_rows import COLUMNS, as_json, read

_REQUEST_LOCK: Final = "rustok rebuild request"
#: Between two attempts, for each that there was.
_AGAIN_AFTER_S: Final = 5
_TAKE: Final = f"SELECT pg_try_advisory_lock(hashtext('{_REQUEST_LOCK}'), hashtext(%s))"
# What ends others is begun while they go on.
_DUE: Final = f"""
    SELECT {COLUMNS} FROM rebuild_requests
    WHERE state IN ('waiting', 'running')
        AND coalesce(tried_at < now() - attempts * interval '{_AGAIN_AFTER_S} s', true)
        AND NOT {is_held(_REQUEST_LOCK, "id::text")}
        AND (action = ANY (%(ending)s) OR NOT {is_held(LOCK, "model")})
    ORDER BY asked_at
"""  # noqa: S608  # literals
_CLAIM: Final = """
    UPDATE rebuild_requests SET state = 'running', begun_at = coalesce(begun_at, now())
    WHERE id = %s AND state IN ('waiting', 'running')
"""
_TELL: Final = """
    UPDATE rebuild_requests SET step = %(step)s, progress = coalesce(%(progress)s, progress), attempts =
        CASE WHEN %(done)s > coalesce((progress->>'done')::bigint, -1) THEN 1 ELSE attempts END
    WHERE id = %(id)s AND state = 'running'
"""
_TELL_OF_WAITING: Final = """
    UPDATE rebuild_requests SET step = %s WHERE id = %s AND state IN ('waiting', 'running')
"""
_END: Final = """
    UPDATE rebuild_requests SET state = %(state)s, ended_at = now(), detail = %(detail)s, report = %(report)s
    WHERE id = %(id)s AND state IN ('waiting', 'running')
"""


class CarriedOutRequests:
    """`connection` is in autocommit mode, and of who may be the keeper."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def due(self) -> list[RebuildRequest]:
        """Those that nobody carries out, and that can be."""
        with self._keeper() as connection:
            return read(connection.execute(_DUE.encode(), {"ending": sorted(ENDING)}))

    def try_once_more(self, request_id: UUID) -> None:
        self._write(
            "UPDATE rebuild_requests SET attempts = attempts + 1, tried_at = now() WHERE id = %(id)s",
            {"id": request_id},
        )

    def take(self, request_id: UUID) -> RebuildRequest | None:
        """The request, for as long as the connection lasts; None when somebody else has it, or when it is over."""
        if self._connection.execute(_TAKE.encode(), (str(request_id),)).fetchone() != (True,):
            return None
        with self._keeper() as connection:
            query = f"SELECT {COLUMNS} FROM rebuild_requests WHERE id = %s AND state IN ('waiting', 'running')"  # noqa: S608
            return next(iter(read(connection.execute(query.encode(), (request_id,)))), None)

    def claim(self, request_id: UUID) -> bool:
        """Whether it is to be done still: somebody may have asked for something else meanwhile."""
        with self._keeper() as connection:
            return connection.execute(_CLAIM, (request_id,)).rowcount == 1

    def tell(self, request_id: UUID, step: str, progress: Progress | None) -> None:
        known = None if progress is None else Jsonb(as_json(progress))
        done = -1 if progress is None else progress.done
        self._write(_TELL, {"id": request_id, "step": step, "progress": known, "done": done})

    def tell_of_waiting(self, request_id: UUID, step: str) -> bool:
        """Whether it is to be done still."""
        with self._keeper() as connection:
            return connection.execute(_TELL_OF_WAITING, (step, request_id)).rowcount == 1

    def end(self, request_id: UUID, state: State, detail: str, report: Mapping[str, Any] | None = None) -> None:
        kept = None if report is None else Jsonb(dict(report))
        self._write(_END, {"id": request_id, "state": state, "detail": detail, "report": kept})

    def _write(self, statement: str, values: Mapping[str, Any]) -> None:
        with self._keeper() as connection:
            connection.execute(statement.encode(), values)

    @contextmanager
    def _keeper(self) -> Iterator[psycopg.Connection[Any]]:
        with self._connection.transaction():
            database_roles.act_as(self._connection, database_roles.KEEPER)
            yield self._connection
