"""Asks the server beside the stream, never waited for: its time, how far its log is, which gaps are open.

The session is the one that holds the lock of the slot. So each answer also says that the slot was ours when asked.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg import sql
from psycopg.pq import ExecStatus

from schemas import gaps
from streams.capture import lease, remembered_source, slot_health
from streams.capture.capture_watermarks import ClockSample
from streams.capture.lease import Lease, Unlimited
from streams.capture.replication_slot import PublicationUnusable, publication_is_right
from streams.capture.slot_health import SlotHealth
from streams.capture.source_identity import Opening, Recorded, TopicState
from streams.capture.topic_watch import SourceChanged

# The clock is read before the position: see `watermarks`. A materialized CTE is what fixes the order. The gaps are
# those of the statement's snapshot, which is older than both.
_SAMPLE: Final = f"""
    WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS at)
    SELECT (extract(epoch FROM at) * 1000000)::bigint, pg_current_wal_insert_lsn() - '0/0'::pg_lsn, {{right}},
        coalesce(state, 'missing'), coalesce(retained, 0), safe, coalesce({remembered_source.PUBLICATION_IDENTITY}, ''),
        (SELECT json_agg(json_build_object('kind', kind, 'topics', topics, 'detail', detail, 'opened_at', opened_at)
            ORDER BY id) FROM {gaps.TABLE} WHERE closed_at IS NULL)
    FROM clock LEFT JOIN ({{look}}) AS slot ON true
"""  # noqa: S608  # a name of ours

_BEAT: Final = f"""
    UPDATE {gaps.SOURCE_TABLE} SET beat = beat + 1, topics = {{topics}} WHERE token = {{token}} AND slot = {{slot}}
    RETURNING 'beat', beat
"""  # noqa: S608

# Open already is as good: it was closed by nobody meanwhile.
_OPEN: Final = f"""
    INSERT INTO {gaps.TABLE} (kind, topics, detail, since) VALUES ({{kind}}, {{topics}}, {{detail}}, clock_timestamp())
    ON CONFLICT (kind, topics) WHERE closed_at IS NULL DO UPDATE SET detail = excluded.detail
    RETURNING 'opened', id
"""  # noqa: S608

# A message inside a transaction is flushed by its commit; the plugin was not asked for messages and skips it.
_NUDGE: Final = b"SELECT pg_logical_emit_message(true, 'rustok.watermark', '') - '0/0'::pg_lsn"


@dataclass(frozen=True, slots=True)
class Beat:
    """The database counts so far."""

    number: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A gap is open now."""


def ahead_s(server_s: float, now_s: float, took_s: float) -> float:
    """By how much at least the server's clock is ahead of ours, or, below 0, behind.

    It was read at some time of the `took_s` until `now_s`.
    """
    return max(0.0, server_s - now_s) or min(0.0, server_s - (now_s - took_s))


class ServerClock:
    """One question at a time on a connection of its own. `slot` is what the last answer said of it, and `took_s` how
    long that answer took.

    Raises `SourceChanged` when the database is not the one that is recorded any more.
    """

    def __init__(
        self,
        connection: psycopg.Connection,
        slot: str,
        publication: str,
        ours_until: Lease | Unlimited,
        recorded: Recorded,
    ) -> None:
        self._connection = connection
        self._recorded = recorded
        self._pgconn = connection.pgconn
        self._publication = publication
        self._ours_until = ours_until
        self._asked_at = 0.0
        look = sql.SQL(slot_health.LOOK).format(slot=sql.Literal(slot))
        right = publication_is_right(publication)
        self._sample = (
            sql.SQL(_SAMPLE).format(right=right, look=look, publication=sql.Literal(publication)).as_bytes(connection)
        )
        self.asking = False
        self.took_s = 0.0
        self.slot: SlotHealth | None = None

    def fileno(self) -> int:
        return self._pgconn.socket

    def ask(self) -> None:
        self._send(self._sample)

    def nudge(self) -> None:
        """Asks the server to write and flush a few bytes."""
        self._send(_NUDGE)

    def beat(self, topics: Mapping[str, TopicState]) -> None:
        """Has the database count on, and remember how the topics are."""
        text = sql.SQL(_BEAT).format(
            topics=sql.Literal(remembered_source.topics_text(topics)),
            token=sql.Literal(self._recorded.token),
            slot=sql.Literal(self._recorded.source.slot),
        )
        self._send(text.as_bytes(self._connection))

    def open_gap(self, one: Opening) -> None:
        text = sql.SQL(_OPEN).format(
            kind=sql.Literal(one.kind), topics=sql.Literal(sorted(one.topics)), detail=sql.Literal(one.detail)
        )
        self._send(text.as_bytes(self._connection))

    def answer(self) -> ClockSample | Beat | Opened | int | None:
        """A sample, a beat, or the position a nudge was written at; None while there is no answer."""
        self._pgconn.consume_input()
        if self._pgconn.is_busy():
            return None
        result = self._pgconn.get_result()
        if result is None or result.status != ExecStatus.TUPLES_OK:
            raise psycopg.OperationalError(f"asking for the server's clock failed: {self._pgconn.get_error_message()}")
        if not result.ntuples:
            raise SourceChanged("the database remembers another capture by now")
        values = [result.get_value(0, column) for column in range(result.nfields)]
        self._pgconn.get_result()  # the end of the answer, without which nothing else can be asked
        self.asking = False
        self._ours_until.renew(self._asked_at)
        self.took_s = lease.now() - self._asked_at
        if len(values) == 1:
            return int(values[0] or 0)
        if len(values) == 2:
            return Beat(int(values[1] or 0)) if values[0] == b"beat" else Opened()
        at, log_end, right, state, retained, safe, publication, open_gaps = values
        if right != b"t":
            raise PublicationUnusable(self._publication)
        if (publication or b"").decode() != self._recorded.source.publication:
            raise SourceChanged(f"publication {self._publication} was made anew or changed")
        self.slot = SlotHealth((state or b"").decode(), int(retained or 0), None if safe is None else int(safe))
        found = tuple(gaps.from_record(one) for one in json.loads(open_gaps or b"[]"))
        return ClockSample(int(at or 0), int(log_end or 0), found)

    def close(self) -> None:
        self._connection.close()

    def _send(self, query: bytes) -> None:
        self._asked_at = lease.now()
        self._pgconn.send_query(query)
        self._pgconn.flush()
        self.asking = True
