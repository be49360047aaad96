"""Polls batches of records, hands each to the agent, and commits it when the agent is done with it, not before.

There is never more than one batch under way. The offsets that are committed are for other tools: the store keeps those
that a feed goes by.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CorruptRecordException, KafkaError

from ops.settings import Settings
from streams import fallback_reader
from streams.agents.feed_partitions import FeedPartitions
from streams.feeding.feed_read_model import Feeding
from streams.kafka_record import KafkaRecord

log = structlog.get_logger(__name__)
Polled = Mapping[TopicPartition, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Batch:
    """`done` is resolved by the agent when every record is durable."""

    records: Sequence[KafkaRecord]
    done: asyncio.Future[None]


class RecordBatches:
    def __init__(
        self,
        settings: Settings,
        feeding: Feeding,
        consumer: AIOKafkaConsumer,
        partitions: FeedPartitions,
        channel: Any,
        size: int,
    ) -> None:
        self._settings = settings
        self._feeding = feeding
        self._consumer = consumer
        self._partitions = partitions
        self._channel = channel
        self._size = size

    async def turn(self) -> float:
        """One batch, if there is one; gives how old its newest change is, in seconds. Raises what the agent met with:
        `StoreLost`.
        """
        polled = await self._poll()
        if polled and not self._partitions.to_begin:
            # Held from here to the commit, and not while polling: a poll during a rebalance waits for its end.
            async with self._partitions.between_batches:
                await self._apply(polled)
        return _age_s(polled)

    async def _poll(self) -> Polled:
        try:
            timeout_ms = int(self._settings.feed_poll_s * 1000)
            polled: Polled = await self._consumer.getmany(timeout_ms=timeout_ms, max_records=self._size)
            return polled
        except (UnicodeDecodeError, CorruptRecordException) as unreadable:
            # A record this client cannot read (a header whose name is not UTF-8): it would stay before it for ever.
            log.warning("records_read_otherwise", feed=self._feeding.model.name, reason=str(unreadable)[:500])
        return await self._read_otherwise()

    async def _read_otherwise(self) -> Polled:
        """From where the feed is durable: what the failed poll had in its hands is lost to it."""
        found: dict[TopicPartition, Sequence[Any]] = {}
        if self._partitions.to_begin:
            return found
        for (topic, number), place in self._feeding.places().items():
            partition = TopicPartition(topic, number)
            records = await asyncio.to_thread(fallback_reader.read, self._settings.kafka, topic, number, place.next)
            if self._partitions.to_begin:  # others are ours by now: they are read from where the store says
                return {}
            if records:
                found[partition] = records
            self._consumer.seek(partition, records[-1].offset + 1 if records else place.next)
        return found

    async def _apply(self, polled: Polled) -> None:
        records = [record for part in polled.values() for record in part]
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._channel.send(value=Batch(records, done))
        await done
        try:
            await self._consumer.commit({partition: part[-1].offset + 1 for partition, part in polled.items()})
        except KafkaError as missed:
            # The records are durable; at worst they are read once more.
            log.warning("commit_missed", feed=self._feeding.model.name, error=type(missed).__name__)


def _age_s(polled: Polled) -> float:
    """Of the newest change in a batch; nothing for no batch."""
    newest = max((part[-1].timestamp for part in polled.values()), default=None)
    return 0.0 if newest is None else max(0.0, time.time() - newest / 1000)
