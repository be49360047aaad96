"""Keeps what operators decide about feeds in a small compacted topic, so that also a feed that is stuck can be told.

A decision is kept with who took it, when and why; a record that is passed over becomes a dead letter that says
the same.
"""

import json
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import structlog
from confluent_kafka import KafkaException, TopicPartition

from ops.clients import kafka as kafka_clients
from ops.clients.client_credentials import Brokers
from schemas.events.dead_letter import versioned
from schemas.topics import FEED_DECISIONS
from sinks.sink import Unavailable
from streams.kafka_record import KafkaRecord
from streams.kafka_unavailable import KafkaUnavailable

TIMEOUT_S: Final = 10.0
#: What the value of a record that tells a decision may have: far more than the words anybody gives for a reason.
_LONGEST: Final = 16_384

log = structlog.get_logger(__name__)

Place = tuple[str, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorDecision:
    """`pass_over`: the record at `place` is not to be applied. `accept`: any number may be refused until `until`.

    `feed` is the id of the read model: what is decided for one version is not decided for another.
    """

    kind: Literal["pass_over", "accept"]
    feed: str
    reason: str
    by: str
    at: datetime
    place: Place | None = None
    until: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "feed": self.feed,
            "reason": self.reason,
            "by": self.by,
            "at": self.at.isoformat(),
            "place": self.place,
            "until": None if self.until is None else self.until.isoformat(),
        }

    @property
    def key(self) -> str:
        where = "accept" if self.place is None else "/".join(map(str, self.place))
        return f"{self.feed}/{where}"


class FeedDecisions:
    """A `streams.feeding.passed_over_records.PassingOver`: what was decided about `feed`."""

    def __init__(self, bootstrap: Brokers, feed: str) -> None:
        self._bootstrap = bootstrap
        self._feed = feed
        self._passed: dict[Place, OperatorDecision] = {}
        self.accepts_until = 0.0

    def open(self) -> None:
        """Raises `Unavailable` when Kafka is."""
        found = [one for one in read_all(self._bootstrap) if one.feed == self._feed]
        self._passed = {one.place: one for one in found if one.place is not None}
        self.accepts_until = max((one.until.timestamp() for one in found if one.until is not None), default=0.0)

    def refresh(self) -> None:
        before = (self._passed, self.accepts_until)
        try:
            self.open()
        except Unavailable as away:
            log.warning("feed_decisions_not_read", feed=self._feed, what=away.what)
        else:
            if (self._passed, self.accepts_until) != before:
                log.info("feed_decisions_heard", feed=self._feed, passes_over=len(self._passed))

    def reason(self, record: KafkaRecord) -> str | None:
        found = self._passed.get((record.topic, record.partition, record.offset)) if self._passed else None
        return None if found is None else f"{found.reason} (passed over by {found.by}, {found.at.isoformat()})"


def tell(bootstrap: Brokers, decision: OperatorDecision) -> None:
    """Returns when it is durable; raises `Unavailable` when that cannot be had now."""
    undelivered: list[str] = []
    producer = kafka_clients.producer(
        bootstrap,
        {
            "acks": "all",
            "enable.idempotence": True,
            "message.timeout.ms": int(TIMEOUT_S * 1000),
        },
    )
    try:
        producer.produce(
            FEED_DECISIONS.name,
            key=decision.key,
            value=json.dumps(decision.as_json()),
            on_delivery=lambda error, _: undelivered.append(str(error)) if error is not None else None,
        )
        waiting = producer.flush(TIMEOUT_S + 1)
    except (KafkaException, BufferError) as down:
        raise KafkaUnavailable(f"Kafka does not take the decision: {down}") from down
    if undelivered or waiting:
        raise KafkaUnavailable(f"Kafka did not take the decision: {undelivered or 'it does not answer'}")


def read_all(bootstrap: Brokers) -> list[OperatorDecision]:
    """The newest decision of each key, of all feeds. Raises `Unavailable` when Kafka does not give them."""
    found: dict[bytes | None, OperatorDecision | None] = {}
    config = {
        "group.id": "feed-decisions",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "fetch.wait.max.ms": 50,  # who takes over asks at its start, and readers wait for it
        "log_level": 0,
    }
    with closing(kafka_clients.consumer(bootstrap, config)) as consumer:
        consumer.assign([TopicPartition(FEED_DECISIONS.name, 0, 0)])
        while True:
            try:
                message: Any = consumer.poll(TIMEOUT_S)
            except KafkaException as away:
                raise KafkaUnavailable(f"Kafka does not give {FEED_DECISIONS.name}: {away}") from away
            if message is None:
                raise KafkaUnavailable(f"Kafka does not give {FEED_DECISIONS.name}")
            if message.error() is None:
                found[message.key()] = _decision(message.value())
            elif message.error().name() == "_PARTITION_EOF":
                return [one for one in found.values() if one is not None]
            else:
                raise KafkaUnavailable(f"Kafka does not give {FEED_DECISIONS.name}: {message.error().str()}")


def _decision(value: bytes | None) -> OperatorDecision | None:
    """None for what is no decision: anything may be on a topic."""
    if value is None or len(value) > _LONGEST:
        return None
    try:
        told = json.loads(value)
        place, until = told["place"], told["until"]
        return OperatorDecision(
            kind="accept" if place is None else "pass_over",
            feed=versioned(str(told["feed"])),
            reason=str(told["reason"]),
            by=str(told["by"]),
            at=datetime.fromisoformat(told["at"]),
            place=None if place is None else (str(place[0]), int(place[1]), int(place[2])),
            until=None if until is None else datetime.fromisoformat(until),
        )
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        log.warning("not_a_decision", topic=FEED_DECISIONS.name)
        return None
