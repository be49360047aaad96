"""What time is it on the server, and how far is its log? Asked beside the stream, and never waited for."""

from typing import Final

import psycopg
from psycopg import sql
from psycopg.pq import ExecStatus

from streams.capture.slot import PublicationUnusable, publication_is_right
from streams.capture.watermarks import Sample

# The clock is read before the position: see `watermarks`. A materialized CTE is what fixes the order.
_SAMPLE: Final = """
    WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS at)
    SELECT (extract(epoch FROM at) * 1000000)::bigint, pg_current_wal_insert_lsn() - '0/0'::pg_lsn, {right} FROM clock
"""

# A message inside a transaction is flushed by its commit; the plugin was not asked for messages and skips it.
_NUDGE: Final = b"SELECT pg_logical_emit_message(true, 'rustok.watermark', '') - '0/0'::pg_lsn"


class ServerClock:
    """One question at a time on a connection of its own."""

    def __init__(self, connection: psycopg.Connection, publication: str) -> None:
        self._connection = connection
        self._pgconn = connection.pgconn
        self._publication = publication
        self._sample = sql.SQL(_SAMPLE).format(right=publication_is_right(publication)).as_bytes(connection)
        self.asking = False

    def fileno(self) -> int:
        return self._pgconn.socket

    def ask(self) -> None:
        self._send(self._sample)

    def nudge(self) -> None:
        """Asks the server to write and flush a few bytes."""
        self._send(_NUDGE)

    def answer(self) -> Sample | int | None:
        """A sample, or the position a nudge was written at; None while there is no answer."""
        self._pgconn.consume_input()
        if self._pgconn.is_busy():
            return None
        result = self._pgconn.get_result()
        if result is None or result.status != ExecStatus.TUPLES_OK:
            raise psycopg.OperationalError(f"asking for the server's clock failed: {self._pgconn.get_error_message()}")
        values = [result.get_value(0, column) or b"" for column in range(result.nfields)]
        self._pgconn.get_result()  # the end of the answer, without which nothing else can be asked
        self.asking = False
        if len(values) == 1:
            return int(values[0])
        at, log_end, right = values
        if right != b"t":
            raise PublicationUnusable(self._publication)
        return Sample(int(at), int(log_end))

    def close(self) -> None:
        self._connection.close()

    def _send(self, query: bytes) -> None:
        self._pgconn.send_query(query)
        self._pgconn.flush()
        self.asking = True
