"""Reads Kafka for a feed without ever losing a record: a batch is committed only after the agent is done with it.

The engine's own ways of reading acknowledge what an agent failed to do. So the feed brings its own consumer: it polls
a batch, hands it with a future to the agent through a channel, waits for that future, and only then commits. There is
never more than one batch under way, and a partition is given up only between batches.

Where a partition is read on is for the store to say, never for the group: its offsets are there for other tools. A
store that is lost under the feed is opened again, as another one, and every partition begins where that one says.

Nothing is caught here that is not understood: any other error ends the process, the supervisor starts it again, and the
log is read from the last durable position.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CorruptRecordException, KafkaError
from mode import Service

from ops import metrics
from ops.clients import kafka_async
from ops.settings import Settings
from schemas.topics import DEAD_LETTER_DECISIONS, FEED_DECISIONS, WATERMARKS
from sinks.freshness import BUILDING, Freshness
from sinks.sink import HeldElsewhere, StoreLost, Unavailable
from streams import membership, other_reader
from streams.agents.logs import Logs
from streams.agents.publishing import every_s
from streams.crashing import crash
from streams.feed_waits import FeedWaits
from streams.feeding.feed_read_model import Feeding
from streams.records import Record
from streams.watermarks import AppliedWatermarks, newest

log = structlog.get_logger(__name__)

_MEASURE_EVERY_S: Final = 1.0
_LONGEST_WAIT_S: Final = 5.0
_DECISIONS: Final = TopicPartition(FEED_DECISIONS.name, 0)


@dataclass(frozen=True, slots=True)
class Batch:
    """`done` is resolved by the agent when every record is durable."""

    records: Sequence[Record]
    done: asyncio.Future[None]


class BatchPoller(Service):
    """Polls, hands over, commits, publishes. One per feed process."""

    logger = logging.getLogger("mode")

    def __init__(
        self,
        settings: Settings,
        feeding: Feeding,
        waits: FeedWaits,
        channel: Any,
        listening: asyncio.Event,
        batch: int,
        publish_every_s: float,
    ) -> None:
        super().__init__()
        self._settings = settings
        self._feeding = feeding
        self._waits = waits
        self._channel = channel
        self._listening = listening
        self._batch = batch
        self._publish_every_s = publish_every_s
        self._watermarks = AppliedWatermarks()
        self._between_batches = asyncio.Lock()
        self._published_at = 0.0
        self._published: Freshness | None = None
        self._vouches = False
        self._begun_with: datetime | None = None
        self._to_begin = False
        self._hears_decisions = False
        self._consumers: list[AIOKafkaConsumer | Logs] = []

    async def on_start(self) -> None:
        # Made here and not before: a consumer belongs to the running loop.
        group = f"feed-{self._feeding.model.id}"
        session_ms = await asyncio.to_thread(membership.session_ms, self._settings)
        self._consumer = kafka_async.consumer(
            self._settings.kafka,
            group_id=group,
            client_id=membership.client_id(group),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=session_ms // membership.SIGNS,
            rebalance_timeout_ms=membership.REBALANCE_MS,
            metadata_max_age_ms=membership.LOOK_AT_TOPICS_MS,
            # A larger record comes too, alone: this is no limit for the first one.
            max_partition_fetch_bytes=8 * 1024 * 1024,
        )
        self._heard = kafka_async.consumer(self._settings.kafka, auto_offset_reset="latest")
        self._logs = Logs(self._settings.kafka)
        self._consumers = [self._consumer, self._heard, self._logs]
        await self._consumer.start()
        topics = [topic.name for topic in (*self._feeding.model.topics, DEAD_LETTER_DECISIONS)]
        self._consumer.subscribe(topics, listener=_Handover(self))
        await self._heard.start()
        await self._logs.start()
        self._heard.assign([TopicPartition(WATERMARKS.name, 0), _DECISIONS])
        log.info("feed_started", feed=self._feeding.model.name, topics=topics)

    async def on_stop(self) -> None:
        for consumer in self._consumers:
            await consumer.stop()
        log.info("feed_stopped", feed=self._feeding.model.name)

    @Service.task
    async def _run(self) -> None:
        try:
            # What is sent into a channel before its agent listens is gone, and would be waited for for ever.
            await self._listening.wait()
            while not self.should_stop:
                try:
                    await self._turn()
                except StoreLost as lost:
                    await self._reopen(lost)
                except Unavailable as away:
                    await self._wait(away)
        except Exception:  # noqa: BLE001  # the entry point of this task; the engine would carry on without it
            crash("poller_crashed", feed=self._feeding.model.name)

    @Service.task
    async def _measure(self) -> None:
        """What is behind is measured beside the work, so that it is seen when that is stuck."""
        try:
            while not self.should_stop:
                await self.sleep(_MEASURE_EVERY_S)
                with contextlib.suppress(Unavailable):
                    await self._measure_lag()
        except Exception:  # noqa: BLE001  # the entry point of this task; the engine would carry on without it
            crash("measuring_crashed", feed=self._feeding.model.name)

    async def _turn(self) -> None:
        if self._to_begin:
            await self._begin()
        found = await self._poll()
        if found and not self._to_begin:
            # Held from here to the commit, and not while polling: a poll during a rebalance waits for its end.
            async with self._between_batches:
                await self._apply(found)
        await self._hear()
        pause_s = every_s(self._publish_every_s, _behind_s(found))
        if time.monotonic() - self._published_at >= pause_s or self._can_vouch_first():
            await self._publish()

    async def _poll(self) -> Mapping[TopicPartition, Sequence[Any]]:
        try:
            timeout_ms = int(self._settings.feed_poll_s * 1000)
            found: Mapping[TopicPartition, Sequence[Any]] = await self._consumer.getmany(
                timeout_ms=timeout_ms, max_records=self._batch
            )
            return found
        except (UnicodeDecodeError, CorruptRecordException) as unreadable:
            # A record this client cannot read (a header whose name is not UTF-8): it would stay before it for ever.
            log.warning("records_read_otherwise", feed=self._feeding.model.name, reason=str(unreadable)[:500])
        return await self._read_otherwise()

    async def _read_otherwise(self) -> Mapping[TopicPartition, Sequence[Any]]:
        """From where the feed is durable: what the failed poll had in its hands is lost to it."""
        found: dict[TopicPartition, Sequence[Any]] = {}
        if self._to_begin:
            return found
        for (topic, number), place in self._feeding.places().items():
            bootstrap, partition = self._settings.kafka, TopicPartition(topic, number)
            records = await asyncio.to_thread(other_reader.read, bootstrap, topic, number, place.next)
            if self._to_begin:  # other partitions are ours by now: they are read from where the store says
                return {}
            if records:
                found[partition] = records
            self._consumer.seek(partition, records[-1].offset + 1 if records else place.next)
        return found

    async def _apply(self, found: Mapping[TopicPartition, Sequence[Any]]) -> None:
        records = [record for part in found.values() for record in part]
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._channel.send(value=Batch(records, done))
        await done
        try:
            await self._consumer.commit({partition: part[-1].offset + 1 for partition, part in found.items()})
        except KafkaError as missed:
            # The records are durable; at worst they are read once more.
            log.warning("commit_missed", feed=self._feeding.model.name, error=type(missed).__name__)

    def assigned(self) -> None:
        """Other partitions than before are ours: none of them is read before the store has said where."""
        assigned = self._consumer.assignment()
        self._consumer.pause(*assigned)
        self._to_begin = True
        if assigned:
            metrics.FEED_ACTIVE.labels(self._feeding.model.id).set(1)
        else:
            metrics.feed_stands_by(self._feeding.model.id)

    @asynccontextmanager
    async def between_batches(self) -> AsyncIterator[None]:
        async with self._between_batches:
            yield

    async def _begin(self) -> None:
        """Each of our partitions is read from where the store says."""
        self._to_begin = False
        assigned = self._consumer.assignment()
        try:
            logs = await self._logs.of(assigned)
            told = await asyncio.to_thread(self._feeding.begin, logs)
        except Unavailable:
            self._to_begin = True
            raise
        if self._to_begin:  # they were taken away meanwhile, or others given
            return
        for (topic, number), place in self._feeding.places().items():
            self._consumer.seek(TopicPartition(topic, number), place.next)
        self._consumer.resume(*assigned)
        self._watermarks = AppliedWatermarks(told)
        self._published, self._vouches = None, False
        told_before = self._feeding.model.complete(self._freshness())
        self._begun_with = told_before.as_of
        if assigned:
            self._tell(told_before)

    async def _reopen(self, lost: StoreLost) -> None:
        """What was read for the store that is lost is read again for the one that is opened now."""
        log.warning("store_lost", feed=self._feeding.model.name, what=lost.what)
        self.assigned()
        self._tell(Freshness(withheld=BUILDING))
        while not self.should_stop:
            try:
                await asyncio.to_thread(self._feeding.open)
            except HeldElsewhere:
                raise  # whoever has it now reads all partitions: it must not wait for ours
            except Unavailable as away:
                await self._wait(away)
            else:
                return

    async def _wait(self, away: Unavailable) -> None:
        seconds = min(away.retry_after_s, _LONGEST_WAIT_S)
        self._waits.begin(away, seconds, attempt=0)
        await asyncio.sleep(seconds)

    async def _measure_lag(self) -> None:
        lag = metrics.FEED_LAG_RECORDS
        assigned = self._consumer.assignment()
        if not assigned:
            lag.remove(self._feeding.model.id)
            return
        logs, places = await self._logs.of(assigned), self._feeding.places()
        behind = (each.end - (places[p].next if p in places else each.first) for p, each in logs.items())
        lag.labels(self._feeding.model.id).set(sum(max(0, number) for number in behind))

    async def _hear(self) -> None:
        """What operators decided, and how far capture has come."""
        told = dict(await self._heard.getmany(timeout_ms=0))
        if told.pop(_DECISIONS, ()) or not self._hears_decisions:
            await self._hear_decisions()
        await self._hear_watermarks([record.value for part in told.values() for record in part])

    async def _hear_decisions(self) -> None:
        """They are read as a whole. Once more than at the start: some may have come until the new ones were heard."""
        try:
            await self._heard.position(_DECISIONS)
        except KafkaError:
            return
        self._hears_decisions = True
        await asyncio.to_thread(self._feeding.hear_decisions)

    async def _hear_watermarks(self, told: Sequence[bytes | None]) -> None:
        assigned = self._consumer.assignment()
        heard = newest(told)
        if not assigned or self._to_begin or (heard is None and not self._feeding.has_unpublished):
            return
        try:
            positions = {(tp.topic, tp.partition): await self._consumer.position(tp) for tp in assigned}
            logs = {} if heard is None else await self._logs.of(assigned)
        except (KafkaError, Unavailable):
            # A partition was just taken away, or Kafka is: nothing new can be said about freshness now.
            return
        if self._to_begin:
            return
        self._feeding.passed(positions)
        places = self._feeding.places()
        if any(each.topic_id != places[p].topic_id or each.end < places[p].next for p, each in logs.items()):
            log.warning("topic_made_anew", feed=self._feeding.model.name)
            self.assigned()
            return
        if heard is not None:
            withheld = heard.withheld([topic.name for topic in self._feeding.model.topics])
            ends = {partition: each.end for partition, each in logs.items()}
            self._watermarks.hear(heard.captured, ends, withheld)
        self._watermarks.reach(positions)

    def _freshness(self) -> Freshness:
        """Of our partitions; vouched for by nobody while the store lacks what was there before it.

        A gap is told first: whoever begins anew with this store knows of it then, also when it is built by now.
        """
        found = self._watermarks.freshness()
        return found.withholding(BUILDING) if self._feeding.is_building and not found.withheld else found

    def _can_vouch_first(self) -> bool:
        """Whether something new can be said for the first time since we began: readers have waited enough."""
        as_of = self._feeding.model.complete(self._freshness()).as_of
        return not self._vouches and as_of not in (None, self._begun_with)

    async def _publish(self) -> None:
        freshness = self._freshness()
        if self._to_begin or (freshness == self._published and not self._feeding.has_unpublished):
            return
        told = await asyncio.to_thread(self._feeding.publish, freshness)
        self._published, self._published_at = freshness, time.monotonic()
        self._waits.end()
        self._tell(told)

    def _tell(self, freshness: Freshness) -> None:
        """`freshness` is that of all instances together: each knows of its own partitions only."""
        for why in metrics.WITHHELD:
            is_so = freshness.withheld.partition(":")[0] == why
            metrics.FEED_WITHHELD.labels(self._feeding.model.id, why).set(is_so)
        # Who has no partitions has nothing to say.
        if freshness.as_of is not None and self._consumer.assignment():
            self._vouches = self._vouches or freshness.as_of != self._begun_with
            metrics.FEED_AS_OF.labels(self._feeding.model.id).set(freshness.as_of.timestamp())


def _behind_s(found: Mapping[TopicPartition, Sequence[Any]]) -> float:
    """How old the newest change in a batch is; nothing for no batch."""
    newest = max((part[-1].timestamp for part in found.values()), default=None)
    return 0.0 if newest is None else max(0.0, time.time() - newest / 1000)


class _Handover(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Gives partitions up between batches only, and reads new ones when the store has said where."""

    def __init__(self, poller: BatchPoller) -> None:
        self._poller = poller

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        async with self._poller.between_batches():
            log.info("partitions_revoked", partitions=len(revoked))

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        self._poller.assigned()
        log.info("partitions_assigned", partitions=len(assigned))
