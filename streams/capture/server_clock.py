"""What time is it on the server, how far is its log, and how is the slot? Asked beside the stream, never waited for.

The session is the one that holds the lock of the slot. So each answer also says that the slot was ours when asked.
"""

from typing import Final

import psycopg
from psycopg import sql
from psycopg.pq import ExecStatus

from streams.capture import health, lease
from streams.capture.health import SlotHealth
from streams.capture.lease import Lease, Unlimited
from streams.capture.slot import PublicationUnusable, publication_is_right
from streams.capture.watermarks import Sample

# The clock is read before the position: see `watermarks`. A materialized CTE is what fixes the order.
_SAMPLE: Final = """
    WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS at)
    SELECT (extract(epoch FROM at) * 1000000)::bigint, pg_current_wal_insert_lsn() - '0/0'::pg_lsn, {right},
        coalesce(state, 'missing'), coalesce(retained, 0), safe
    FROM clock LEFT JOIN ({look}) AS slot ON true
"""

# A message inside a transaction is flushed by its commit; the plugin was not asked for messages and skips it.
_NUDGE: Final = b"SELECT pg_logical_emit_message(true, 'rustok.watermark', '') - '0/0'::pg_lsn"


class ServerClock:
    """One question at a time on a connection of its own. `slot` is what the last answer said of it."""

    def __init__(
        self, connection: psycopg.Connection, slot: str, publication: str, ours_until: Lease | Unlimited
    ) -> None:
        self._connection = connection
        self._pgconn = connection.pgconn
        self._publication = publication
        self._ours_until = ours_until
        self._asked_at = 0.0
        look = sql.SQL(health.LOOK).format(slot=sql.Literal(slot))
        right = publication_is_right(publication)
        self._sample = sql.SQL(_SAMPLE).format(right=right, look=look).as_bytes(connection)
        self.asking = False
        self.slot: SlotHealth | None = None

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
        values = [result.get_value(0, column) for column in range(result.nfields)]
        self._pgconn.get_result()  # the end of the answer, without which nothing else can be asked
        self.asking = False
        self._ours_until.renew(self._asked_at)
        if len(values) == 1:
            return int(values[0] or 0)
        at, log_end, right, state, retained, safe = values
        if right != b"t":
            raise PublicationUnusable(self._publication)
        self.slot = SlotHealth((state or b"").decode(), int(retained or 0), None if safe is None else int(safe))
        return Sample(int(at or 0), int(log_end or 0))

    def close(self) -> None:
        self._connection.close()

    def _send(self, query: bytes) -> None:
        self._asked_at = lease.now()
        self._pgconn.send_query(query)
        self._pgconn.flush()
        self.asking = True
