"""What readers are told of a feed follows from what it has applied of the partitions that are its own."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from aiokafka import TopicPartition

from schemas.event_codec import Decoder
from schemas.topics import ORDERS
from sinks.analytics import sales_facts
from sinks.freshness import Freshness
from sinks.memory_sink import MemorySink
from streams.agents.feed_partitions import FeedPartitions
from streams.agents.publish_freshness import FreshnessPublisher
from streams.feed_freshness import Told
from streams.feeding.feed_read_model import Feeding
from streams.feeding.start_positions import Log
from tests.support.examples import MOMENT, EverySchema

MODEL = replace(sales_facts.MODEL, projections=sales_facts.MODEL.projections[:1])  # of orders alone
OWN = [TopicPartition(ORDERS.name, number) for number in range(ORDERS.partitions)]
HOUR_S = 3600.0
LATER = MOMENT + timedelta(seconds=1)


class NoDeadLetters:
    def send(self, records):
        raise AssertionError(records)

    def settle(self, feed, records):
        raise AssertionError(records)


class Consumer:
    """Has read all there is of each partition, which is nothing."""

    def __init__(self, assigned: Collection[TopicPartition]) -> None:
        self.assigned = frozenset(assigned)
        self.paused: set[TopicPartition] = set()

    def assignment(self):
        return self.assigned

    def pause(self, *partitions):
        self.paused |= set(partitions)

    def resume(self, *partitions):
        self.paused -= set(partitions)

    def seek(self, partition, offset):
        pass

    async def position(self, partition):
        return 0


class Logs:
    def __init__(self) -> None:
        self.topic_id = "the topic"

    async def of(self, partitions):
        return {(each.topic, each.partition): Log(topic_id=self.topic_id, first=0, end=0) for each in partitions}


class World:
    """A feed that publishes once an hour unless there is a reason."""

    def __init__(self, assigned: Collection[TopicPartition] = OWN, sink: MemorySink | None = None) -> None:
        self.sink = sink or MemorySink()
        self.consumer, self.logs = Consumer(assigned), Logs()
        feeding = Feeding(MODEL, self.sink, Decoder(EverySchema()), NoDeadLetters())
        feeding.open()
        self.partitions = FeedPartitions(feeding, self.consumer, self.logs)
        self.publisher = FreshnessPublisher(feeding, self.partitions, HOUR_S)

    async def begin(self) -> None:
        self.partitions.begin_anew()
        told = await self.partitions.begin()
        assert told is not None
        self.publisher.begin(told)

    async def publish_now(self) -> None:
        await self.publisher.follow(Told(captured=MOMENT))
        assert await self.publisher.publish()


def test_a_feed_that_has_something_to_say_for_the_first_time_says_it_at_once_and_then_in_its_own_time() -> None:
    async def run() -> None:
        world = World()
        await world.begin()
        await world.publisher.publish()
        nothing_yet = world.publisher.is_due(0)

        await world.publisher.follow(Told(captured=MOMENT))
        first = world.publisher.is_due(0)
        await world.publisher.publish()
        await world.publisher.follow(Told(captured=LATER))

        assert (nothing_yet, first, world.publisher.is_due(0)) == (False, True, False)
        assert MODEL.complete(world.sink.freshness()).as_of == MOMENT

    asyncio.run(run())


def test_what_the_one_before_has_said_is_no_news_of_whoever_takes_over() -> None:
    async def run() -> None:
        before = World()
        await before.begin()
        await before.publish_now()
        after = World(sink=before.sink)
        await after.begin()
        await after.publisher.publish()

        await after.publisher.follow(Told(captured=MOMENT))
        repeated = after.publisher.is_due(0)
        await after.publisher.follow(Told(captured=LATER))

        assert (repeated, after.publisher.is_due(0)) == (False, True)

    asyncio.run(run())


def test_who_has_no_partitions_says_nothing() -> None:
    async def run() -> None:
        world = World(assigned=())
        await world.begin()

        await world.publisher.follow(Told(captured=MOMENT))
        await world.publisher.publish()

        assert world.sink.freshness() == Freshness()

    asyncio.run(run())


def test_of_a_topic_that_was_made_anew_nothing_is_read_before_the_store_has_said_where() -> None:
    async def run() -> None:
        world = World()
        await world.begin()
        world.logs.topic_id = "another topic"

        await world.publisher.follow(Told(captured=MOMENT))

        assert world.partitions.to_begin
        assert world.consumer.paused == set(OWN)
        assert not await world.publisher.publish()

    asyncio.run(run())
