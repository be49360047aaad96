"""Reads each partition of a feed on from where its store says, and gives it up between batches only.

It is for the store to say, never for the group: its offsets are there for other tools. Whenever partitions change
hands, a store is lost or a topic is made anew, nothing is read before the store has been asked again.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition

from ops import metrics
from schemas.topics import DEAD_LETTER_DECISIONS
from sinks.freshness import Freshness
from sinks.sink import Partition, Unavailable
from streams.agents.log_ends import Logs
from streams.feeding.feed_read_model import Feeding
from streams.feeding.start_positions import Log

log = structlog.get_logger(__name__)


class FeedPartitions:
    """Those that are this process's now. `to_begin`: the store has yet to say where they are read on."""

    def __init__(self, feeding: Feeding, consumer: AIOKafkaConsumer, logs: Logs) -> None:
        self._feeding = feeding
        self._consumer = consumer
        self._logs = logs
        self.to_begin = False
        #: Held from the moment a batch is handed over until it is committed.
        self.between_batches = asyncio.Lock()

    def subscribe(self) -> list[str]:
        """Gives the topics: those of the read model, and what people decided about its dead letters."""
        topics = [topic.name for topic in (*self._feeding.model.topics, DEAD_LETTER_DECISIONS)]
        self._consumer.subscribe(topics, listener=_Handover(self))
        return topics

    @property
    def assigned(self) -> Collection[TopicPartition]:
        found: Collection[TopicPartition] = self._consumer.assignment()
        return found

    def begin_anew(self) -> None:
        """None of our partitions is read before the store has said where; `begin` asks it."""
        self._consumer.pause(*self.assigned)
        self.to_begin = True
        if self.assigned:
            metrics.FEED_ACTIVE.labels(self._feeding.model.id).set(1)
        else:
            metrics.feed_stands_by(self._feeding.model.id)

    async def begin(self) -> Freshness | None:
        """Gives how fresh the store is; None when partitions changed hands meanwhile. Raises `Unavailable`."""
        self.to_begin = False
        assigned = self.assigned
        try:
            told = await asyncio.to_thread(self._feeding.begin, await self._logs.of(assigned))
        except Unavailable:
            self.to_begin = True
            raise
        if self.to_begin:
            return None
        for (topic, number), place in self._feeding.places().items():
            self._consumer.seek(TopicPartition(topic, number), place.next)
        self._consumer.resume(*assigned)
        return told

    async def ends(self) -> Mapping[Partition, Log]:
        """Where each of our partitions ends now, and of which topic it is. Raises `Unavailable`."""
        return await self._logs.of(self.assigned)

    async def positions(self) -> Mapping[Partition, int]:
        """The next offset of each. Raises `KafkaError` when one was just taken away."""
        return {(each.topic, each.partition): await self._consumer.position(each) for each in self.assigned}

    async def behind(self) -> int | None:
        """How many records are to be applied yet; None without a partition. Raises `Unavailable`."""
        if not self.assigned:
            return None
        ends, places = await self.ends(), self._feeding.places()
        left = (each.end - (places[p].next if p in places else each.first) for p, each in ends.items())
        return sum(max(0, number) for number in left)


class _Handover(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    def __init__(self, partitions: FeedPartitions) -> None:
        self._partitions = partitions

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        async with self._partitions.between_batches:
            log.info("partitions_revoked", partitions=len(revoked))

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        self._partitions.begin_anew()
        log.info("partitions_assigned", partitions=len(assigned))
