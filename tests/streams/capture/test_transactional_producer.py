"""What is produced exactly is acknowledged when its transaction is committed, with the place it reaches to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from streams.capture.log_position import LogPosition
from streams.capture.transactional_producer import COMMIT_EVERY_S, RECORDS_AT_MOST, ExactProducer, Fenced


@dataclass
class Client:
    """Stands for a Kafka client with transactions: what was called, in order."""

    calls: list[Any] = field(default_factory=list)
    commit: Callable[[], None] = lambda: None

    def begin_transaction(self) -> None:
        self.calls.append("begin")

    def produce(self, topic: str, value: bytes, key: object, **rest: object) -> None:
        self.calls.append((topic, value))

    def poll(self, timeout: float) -> int:
        return 0

    def commit_transaction(self, timeout: float) -> None:
        self.commit()
        self.calls.append("commit")


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def _exact(client: Client, clock: Clock | None = None) -> ExactProducer:
    return ExactProducer(client, topic="places", key="s", now=clock or Clock())  # type: ignore[arg-type]  # what it uses of it


def _produce(producer: ExactProducer, acknowledged: list[int], number: int) -> None:
    producer.produce(
        "t", b"v", b"k", on_delivery=lambda *_: acknowledged.append(number), headers=[("lsn", f"0/1/{number}")]
    )


def test_records_and_their_place_are_one_transaction() -> None:
    client, acknowledged = Client(), list[int]()
    producer = _exact(client)
    for number in (1, 2):
        _produce(producer, acknowledged, number)
    assert acknowledged == []

    producer.flush()

    assert client.calls == ["begin", ("t", b"v"), ("t", b"v"), ("places", b'{"place": "0/1/2"}'), "commit"]
    assert acknowledged == [1, 2]
    assert len(producer) == 0


def test_what_is_no_event_has_no_place() -> None:
    client = Client()
    producer = _exact(client)
    producer.produce("watermarks", b"w", "s", on_delivery=lambda *_: None, headers=[("mac", b"\xff")])

    producer.flush()

    assert client.calls == ["begin", ("watermarks", b"w"), "commit"]


def test_a_busy_stream_is_committed_after_a_while() -> None:
    client, clock, acknowledged = Client(), Clock(), list[int]()
    producer = _exact(client, clock)
    _produce(producer, acknowledged, 1)
    producer.poll()
    assert acknowledged == []

    clock.now = COMMIT_EVERY_S
    producer.poll()

    assert acknowledged == [1]


def test_there_is_room_again_after_the_commit_that_makes_it() -> None:
    producer, acknowledged = _exact(Client()), list[int]()
    for number in range(RECORDS_AT_MOST):
        _produce(producer, acknowledged, number)
    with pytest.raises(BufferError):
        _produce(producer, acknowledged, RECORDS_AT_MOST)

    producer.poll()
    _produce(producer, acknowledged, RECORDS_AT_MOST)

    assert len(acknowledged) == RECORDS_AT_MOST


def test_a_kafka_that_is_slow_to_commit_is_asked_again_and_nothing_is_added_meanwhile() -> None:
    def slow() -> None:
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "slow", False, True))  # noqa: SLF001  # the client's own names begin so

    client, acknowledged = Client(commit=slow), list[int]()
    producer = _exact(client)
    _produce(producer, acknowledged, 1)
    producer.flush()
    assert acknowledged == []
    with pytest.raises(BufferError):
        _produce(producer, acknowledged, 2)

    client.commit = lambda: None
    producer.poll()

    assert acknowledged == [1]
    assert client.calls.count(("places", b'{"place": "0/1/1"}')) == 1


def test_whoever_was_replaced_acknowledges_nothing() -> None:
    def fenced() -> None:
        raise KafkaException(KafkaError(KafkaError._FENCED))  # noqa: SLF001  # the client's own names begin so

    acknowledged: list[int] = []
    producer = _exact(Client(commit=fenced))
    _produce(producer, acknowledged, 1)

    with pytest.raises(Fenced):
        producer.flush()
    assert acknowledged == []


def test_places_are_in_the_order_of_the_log() -> None:
    assert LogPosition.parse("1/0/1") > LogPosition.parse("0/FFFFFFFF/7") > LogPosition.parse("0/FFFFFFFF/6")
