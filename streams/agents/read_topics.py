"""Reads the topics of a feed in a loop without ever losing a record: begin, batch, hear, publish.

The engine's own ways of reading acknowledge what an agent failed to do. So the feed brings its own consumer: it polls
a batch, hands it with a future to the agent through a channel, waits for that future, and only then commits.

A store that is lost under the feed is opened again, as another one, and every partition begins where that one says.
Nothing is caught here that is not understood: any other error ends the process, the supervisor starts it again, and the
log is read from the last durable position.
"""

import asyncio
import contextlib
import logging
from typing import Any, Final, Protocol

import structlog
from mode import Service

from ops import metrics
from ops.settings import Settings
from sinks.sink import HeldElsewhere, StoreLost, Unavailable
from streams.agents import feed_consumer
from streams.agents.announcements import Announcements
from streams.agents.feed_partitions import FeedPartitions
from streams.agents.log_ends import Logs
from streams.agents.publish_freshness import FreshnessPublisher
from streams.agents.record_batches import RecordBatches
from streams.feed_waits import FeedWaits
from streams.feeding.feed_read_model import Feeding
from streams.unforeseen_errors import crash
from streams.watermark_signature import WatermarkSignature

log = structlog.get_logger(__name__)

_MEASURE_EVERY_S: Final = 1.0
_LONGEST_WAIT_S: Final = 5.0


class TopicReader(Service):
    """One for each feed of the process."""

    logger = logging.getLogger("mode")

    def __init__(
        self,
        settings: Settings,
        signature: WatermarkSignature,
        feeding: Feeding,
        waits: FeedWaits,
        channel: Any,
        listening: asyncio.Event,
        batch: int,
        publish_every_s: float,
    ) -> None:
        super().__init__()
        self._settings = settings
        self._signature = signature
        self._feeding = feeding
        self._waits = waits
        self._channel = channel
        self._listening = listening
        self._batch = batch
        self._publish_every_s = publish_every_s
        self._connected: list[_Connected] = []

    async def on_start(self) -> None:
        # Made here and not before: a consumer belongs to the running loop.
        brokers = self._settings.kafka
        consumer = await feed_consumer.connect(self._settings, self._feeding.model.group)
        logs = Logs(brokers)
        self._heard = Announcements(self._feeding, brokers, self._signature)
        self._connected = [consumer, self._heard, logs]
        self._partitions = FeedPartitions(self._feeding, consumer, logs)
        self._batches = RecordBatches(
            self._settings, self._feeding, consumer, self._partitions, self._channel, self._batch
        )
        self._freshness = FreshnessPublisher(self._feeding, self._partitions, self._publish_every_s)
        await consumer.start()
        topics = self._partitions.subscribe()
        await self._heard.start()
        await logs.start()
        log.info("feed_started", feed=self._feeding.model.name, topics=topics)

    async def on_stop(self) -> None:
        for each in self._connected:
            await each.stop()
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
            crash("reader_crashed", feed=self._feeding.model.name)

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
        if self._partitions.to_begin:
            told = await self._partitions.begin()
            if told is not None:
                self._freshness.begin(told)
        behind_s = await self._batches.turn()
        await self._freshness.follow(await self._heard.hear())
        if self._freshness.is_due(behind_s) and await self._freshness.publish():
            self._waits.end()

    async def _reopen(self, lost: StoreLost) -> None:
        """What was read for the store that is lost is read again for the one that is opened now."""
        log.warning("store_lost", feed=self._feeding.model.name, what=lost.what)
        self._partitions.begin_anew()
        self._freshness.lose()
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
        behind = await self._partitions.behind()
        if behind is None:
            metrics.FEED_LAG_RECORDS.remove(self._feeding.model.id)
        else:
            metrics.FEED_LAG_RECORDS.labels(self._feeding.model.id).set(behind)


class _Connected(Protocol):
    async def stop(self) -> None: ...
