"""Hears what PostgreSQL says has changed (`LISTEN`), on a connection and in a thread of its own.

Whoever could not hear for a while is told that anything may have changed.
"""

import threading
from collections.abc import Callable
from typing import Any, Final

import psycopg
import structlog
from psycopg import sql

from api.store.answer_timeouts import Answering, AnswerTimeouts, be_patient, connection_options

#: The tenants that are different, by id, and the hosts that are (a trigger of the migration says them).
TENANTS: Final = "rustok_tenants"
#: So often it is looked whether the server is still there.
_CHECKED_S: Final = 5.0
_AGAIN_S: Final = 0.5
_PATIENCE: Final = AnswerTimeouts(connect_s=3, statement_s=3, lock_s=3)
_log = structlog.get_logger(__name__)


class Notices:
    """`heard` gets what was said, `missed` is called whenever something may have gone by."""

    def __init__(self, url: str, channel: str, heard: Callable[[str], None], missed: Callable[[], None]) -> None:
        self._url = url
        self._channel = channel
        self._heard = heard
        self._missed = missed
        self._ending = threading.Event()
        self._connection: psycopg.Connection[Any] | None = None
        self.listening = threading.Event()

    def begin(self) -> None:
        threading.Thread(target=self._run, daemon=True, name="rustok-notices").start()

    def close(self) -> None:
        """Returns at once."""
        self._ending.set()
        connection = self._connection
        if connection is not None:
            connection.close()

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                with self._connect() as connection:
                    self._listen(connection)
            except psycopg.Error as error:
                if not self._ending.is_set():
                    _log.warning("notices_not_heard", channel=self._channel, reason=str(error).partition("\n")[0])
            self.listening.clear()
            self._ending.wait(_AGAIN_S)

    def _connect(self) -> psycopg.Connection[Any]:
        made = Answering.connect(
            self._url, autocommit=True, application_name="rustok api notices", **connection_options(_PATIENCE)
        )
        be_patient(made, _PATIENCE)
        self._connection = made
        return made

    def _listen(self, connection: psycopg.Connection[Any]) -> None:
        connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
        self._missed()
        self.listening.set()
        while not self._ending.is_set():
            for notice in connection.notifies(timeout=_CHECKED_S):
                self._heard(notice.payload)
            connection.execute("SELECT 1")
