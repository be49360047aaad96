"""Where a partition ends is asked anew of Kafka, by a client that answers."""

import asyncio
from concurrent.futures import Future
from typing import Any

import pytest
from aiokafka import TopicPartition
from confluent_kafka import KafkaError, KafkaException

from sinks.sink import Unavailable
from streams.agents.log_ends import Logs
from streams.feeding.start_positions import Log

ORDERS = TopicPartition("rustok.order", 0)


class Offsets:
    async def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 3)

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 8)


class Described:
    topic_id = "AAAA"


class Admin:
    def __init__(self, *, has_a_broker: bool) -> None:
        self._has_a_broker = has_a_broker

    def describe_topics(self, topics: object, request_timeout: float) -> dict[str, Future[Any]]:
        answer: Future[Any] = Future()
        if self._has_a_broker:
            answer.set_result(Described())
        else:
            answer.set_exception(KafkaException(KafkaError(KafkaError._TIMED_OUT)))  # noqa: SLF001  # its own name
        return {ORDERS.topic: answer}


def test_a_client_that_lost_its_broker_is_not_asked_again() -> None:
    made = iter([Admin(has_a_broker=False), Admin(has_a_broker=True)])

    async def ask() -> object:
        logs = Logs("127.0.0.1:1", lambda _: next(made))  # type: ignore[arg-type, return-value]  # what it uses of one
        logs._consumer = Offsets()  # noqa: SLF001  # nothing is there to connect to
        with pytest.raises(Unavailable, match="does not say where its partitions end"):
            await logs.of([ORDERS])
        return await logs.of([ORDERS])

    assert asyncio.run(ask()) == {("rustok.order", 0): Log(topic_id="AAAA", first=3, end=8)}
