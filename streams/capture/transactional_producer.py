"""Sends each event to Kafka exactly once, in a transaction of Kafka that also holds how far it came.

The position is a record on a topic of its own, keyed by the slot and the server's history, with the place of the last
row that went out: its commit and its ordinal there, so a transaction of PostgreSQL may take several of Kafka. Whoever
reads the slot next first takes over the transactional id, by which Kafka ends the transaction of the one before and
refuses all that still comes from there. Then it reads the position and passes over what it covers. So it is one line of
writers, each going on where the one before stopped, whatever the one before is doing.

Readers must read committed records only. A record counts as acknowledged when its transaction is committed.
"""

import json
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any, Final
from uuid import UUID

import psycopg
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from ops.clients.client_credentials import Brokers
from schemas.outbox_row import LSN_HEADER
from streams.capture.log_position import NOWHERE, LogPosition
from streams.capture.positions_topic import PositionsTopic

RECORDS_AT_MOST: Final = 10_000
COMMIT_EVERY_S: Final = 0.1
COMMIT_SLICE_S: Final = 0.5
START_S: Final = 20.0
ROOM_S: Final = 0.01

FENCING: Final = (KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH)  # noqa: SLF001  # the client's own names begin so

Acknowledged = Callable[[object, object], None]


class Fenced(Exception):
    """Another capture has taken over."""

    def __init__(self) -> None:
        super().__init__("another capture has taken over, and Kafka takes nothing from this one any more")


class ExactProducer:
    """Has the methods of the Kafka client that capture uses. What is produced is acknowledged at the commit.

    `key` is what positions are kept under, to be told before the first event.
    """

    def __init__(
        self, producer: Producer, *, topic: str, key: str = "", now: Callable[[], float] = time.monotonic
    ) -> None:
        self._producer = producer
        self._topic = topic
        self.key = key
        self._now = now
        self._owed: list[Acknowledged] = []
        self._place: str | None = None
        self._open = self._full = self._committing = False
        self._opened_at = 0.0

    def __len__(self) -> int:
        return len(self._owed)

    def take_over(self) -> None:
        """Ends the transaction of whoever was here before; from now on Kafka refuses the rest of it."""
        _call(lambda: self._producer.init_transactions(START_S))

    def list_topics(self, topic: str, timeout: float) -> Any:
        return self._producer.list_topics(topic, timeout=timeout)

    def produce(
        self, topic: str, value: bytes | None, key: bytes | str, *, on_delivery: Acknowledged, **rest: Any
    ) -> None:
        if self._committing or len(self._owed) >= RECORDS_AT_MOST:
            self._full = True
            raise BufferError
        if not self._open:
            _call(self._producer.begin_transaction)
            self._open = True
            self._opened_at = self._now()
        try:
            self._producer.produce(topic, value, key, **rest)
        except BufferError:
            self._full = True
            raise
        self._owed.append(on_delivery)
        if (headers := rest.get("headers")) and headers[-1][0] == LSN_HEADER:
            self._place = headers[-1][1]

    def poll(self, timeout: float = 0) -> int:
        """Commits when it is time to."""
        if self._owed and (self._full or self._committing or self._now() - self._opened_at >= COMMIT_EVERY_S):
            self._commit()
            return 0
        return self._producer.poll(timeout)

    def flush(self, timeout: float = 0) -> int:
        """Commits what there is."""
        if self._owed:
            self._commit()
        return len(self._owed)

    def purge(self) -> None:
        self._producer.purge()

    def _commit(self) -> None:
        """Done, or to be called again: Kafka is given a while only, so that PostgreSQL hears from us between."""
        if not self._committing:
            if self._place is not None:
                value = json.dumps({"place": self._place}).encode()
                try:
                    self._producer.produce(self._topic, value, self.key, partition=0)
                except BufferError:
                    self._producer.poll(ROOM_S)
                    return
                self._place = None
            self._committing = True
        try:
            _call(lambda: self._producer.commit_transaction(COMMIT_SLICE_S))
        except KafkaException as failed:
            if failed.args[0].retriable():
                return
            raise
        owed, self._owed = self._owed, []
        self._open = self._full = self._committing = False
        for acknowledged in owed:
            acknowledged(None, None)


def history(connection: psycopg.Connection, slot: str, token: UUID) -> str:
    """What positions are keyed by: they mean nothing on another server, after a standby took the server's place, or in
    a database that was put back to an older copy, whose history has another token from then on.
    """
    row = connection.execute(
        "SELECT system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8) FROM pg_control_system()"
    ).fetchone()
    identifier, timeline = row or ("", "")
    return f"{slot}@{identifier}/{timeline}/{token}"


def read_place(bootstrap: Brokers, topic: str, key: str) -> LogPosition:
    """The last committed place of this key; to be read after `take_over`, which settles what was under way."""
    place = NOWHERE
    with closing(PositionsTopic(bootstrap, topic)) as positions:
        begin, end = positions.bounds()
        for message in positions.read(begin, end):
            if message.key() == key.encode():
                place = _place(message)
    return place


def _place(message: Message) -> LogPosition:
    return LogPosition.parse(json.loads(message.value() or b"{}")["place"])


def _call(transactional: Callable[[], object]) -> None:
    try:
        transactional()
    except KafkaException as refused:
        if refused.args[0].code() in FENCING:
            raise Fenced from refused
        raise
