"""Takes replication messages off the wire: psycopg has no API for it, but libpq's COPY calls are all it takes.

One read gives the messages that have arrived; it never waits. Confirming never waits either: what the socket does not
take at once goes with the next call.
"""

import time
from typing import Final

import psycopg

from streams.capture import pgoutput

#: Messages of one read at most, so that deliveries and feedback get their turn.
READ_AT_MOST: Final = 1500


class StreamEnded(Exception):
    """The server closed the stream, usually because it is stopped."""


class Stream:
    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._pgconn = connection.pgconn

    def fileno(self) -> int:
        return self._pgconn.socket

    def read(self) -> list[bytes]:
        """What has arrived; empty when there is nothing yet."""
        get = self._pgconn.get_copy_data
        messages: list[bytes] = []
        self._pgconn.consume_input()
        for _ in range(READ_AT_MOST):
            size, message = get(1)
            if size <= 0:
                if size < 0:
                    self._raise_ended()
                break
            messages.append(bytes(message))
        return messages

    def confirm(self, received: int, confirmed: int, *, reply_requested: bool = False) -> None:
        """All before `received` has arrived, all before `confirmed` will never be asked for again."""
        update = pgoutput.status_update(
            received=received, confirmed=confirmed, now_us=time.time_ns() // 1000, reply_requested=reply_requested
        )
        self._pgconn.put_copy_data(update)
        self._pgconn.flush()

    def close(self) -> None:
        self._connection.close()

    def _raise_ended(self) -> None:
        result = self._pgconn.get_result()
        reason = result.error_message.decode(errors="replace").strip() if result is not None else ""
        raise StreamEnded(f"Postgres ended the replication stream: {reason or 'it is shutting down'}")
