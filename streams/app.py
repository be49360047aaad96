"""Runs feeds as a small Faust app: for each an agent over a channel of batches, and a service that fills the channel.

The engine gives the process its life (start order, agents, signals, stopping); what a batch means is in
`streams.feeding`, how it is read and acknowledged in `streams.agents`.
"""

import asyncio
import gc
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import mode.loop

mode.loop.use("uvloop")  # before faust is imported, or it has no effect

import faust  # noqa: E402
import structlog  # noqa: E402
from mode import Service  # noqa: E402

from ops import metrics  # noqa: E402
from ops.clients.client_credentials import Brokers  # noqa: E402
from ops.instances import serve_metrics  # noqa: E402
from ops.settings import Settings  # noqa: E402
from schemas.event_codec import Decoder  # noqa: E402
from sinks.sink import HeldElsewhere, StoreLost, Unavailable  # noqa: E402
from streams.agents.read_topics import TopicReader  # noqa: E402
from streams.agents.record_batches import Batch  # noqa: E402
from streams.backoff import pause_s  # noqa: E402
from streams.contracts import known_versions  # noqa: E402
from streams.dead_letters.send_dead_letters import KafkaDeadLetters  # noqa: E402
from streams.feed_waits import FeedWaits  # noqa: E402
from streams.feeding import apply_parked_records  # noqa: E402
from streams.feeding.feed_read_model import Feeding  # noqa: E402
from streams.feeding.operator_decisions import FeedDecisions  # noqa: E402
from streams.feeding.refusal_limit import RefusalLimit  # noqa: E402
from streams.feeds_of_process import ToFeed  # noqa: E402
from streams.schema_source import RegistryClient  # noqa: E402
from streams.unforeseen_errors import crash  # noqa: E402
from streams.watermark_signature import WatermarkSignature  # noqa: E402

log = structlog.get_logger(__name__)

#: A batch makes some hundred thousand objects that live until its end, and none in a cycle. At Python's own thresholds
#: a quarter of a feed's time goes into looking for cycles among them.
_OBJECTS_BETWEEN_COLLECTIONS = 100_000
#: Between two looks whether the store is free; whoever waits for it is to take over soon.
_STANDBY_POLL_S = 0.1
#: One that waits for its store must not keep another from its own.
_THREADS_OF_A_FEED = 6


class _OwnConsumer(faust.App.BootStrategy):  # type: ignore[misc,valid-type]  # an attribute of faust's App
    """The engine starts agents, but reads nothing itself and serves nothing."""

    enable_kafka_consumer = False
    enable_kafka_producer = False
    enable_web = False


class FeedApp(faust.App):
    BootStrategy = _OwnConsumer
    logger = logging.getLogger("faust")


def run(settings: Settings, chosen: Sequence[ToFeed]) -> None:
    """Feeds read models until the process is told to stop; none of them waits for another.

    Raises a `Failure` where there is no good key for watermarks.
    """
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    app = FeedApp(
        "-".join(("feed", *(one.model.id for one in chosen))),
        broker=f"kafka://{settings.kafka_bootstrap}",
        store="memory://",
        datadir=settings.folder.data("faust"),
        topic_disable_leader=True,
        processing_guarantee="at_least_once",
    )
    signature = WatermarkSignature.of(settings)
    for one in chosen:
        metrics.begin_feed(one.model.id)
        known_versions.tell(one.model)
        setting = one.feed.setting("metrics_port")
        serve_metrics("feed", one.feed.metrics_port, setting, settings, one.claim, feed=one.model.id)
    feeds = [_made(settings, app, one, signature) for one in chosen]
    worker = faust.Worker(app, *feeds, override_logging=False, redirect_stdouts=False, quiet=True)
    worker.loop.set_default_executor(ThreadPoolExecutor(_THREADS_OF_A_FEED * len(feeds)))
    worker.spinner = None  # it writes to logs what only a terminal understands
    worker.execute_from_commandline()


def _made(settings: Settings, app: FeedApp, one: ToFeed, signature: WatermarkSignature) -> "_Feed":
    """With an agent of the app that applies what it reads."""
    model, feed = one.model, one.feed
    decisions = FeedDecisions(settings.kafka, model.id)
    feeding = Feeding(
        model,
        model.sink(settings, goes_live=one.goes_live),
        Decoder(RegistryClient.of(settings, feed.process)),
        KafkaDeadLetters(settings.kafka),
        limit=RefusalLimit(settings.feed_refusals_in_a_row, settings.feed_refusals_per_minute, time.time),
        passing_over=decisions,
    )
    waits = FeedWaits(model.id, one.claim)
    channel = app.channel(maxsize=1)
    listening = asyncio.Event()

    @app.agent(channel, name=feed.process)
    async def apply(batches: Any) -> None:
        app.flow_control.resume()
        listening.set()
        async for batch in batches:
            await _until_durable(feeding, waits, batch)

    reader = TopicReader(settings, signature, feeding, waits, channel, listening, feed.batch, feed.publish_s)
    return _Feed(feeding, waits, decisions, settings.kafka, reader)


async def _until_durable(feeding: Feeding, waits: FeedWaits, batch: Batch) -> None:
    """Applies a batch, waiting for stores as long as it takes. No exception leaves this: the engine would go on.

    When the store that it was read for is lost, whoever reads batches is told: it begins again.
    """
    attempt = 0
    while True:
        try:
            await asyncio.to_thread(feeding.apply, batch.records)
        except StoreLost as lost:
            batch.done.set_exception(lost)
            return
        except Unavailable as away:
            await _wait(waits, away, attempt)
            await asyncio.to_thread(feeding.hear)
            attempt += 1
        except Exception:  # noqa: BLE001  # the entry point of all of our own work in this process
            crash("feed_crashed", feed=feeding.model.name, records=len(batch.records))
        else:
            waits.end()
            batch.done.set_result(None)
            return


async def _wait(waits: FeedWaits, away: Unavailable, attempt: int) -> None:
    seconds = pause_s(attempt, at_least_s=away.retry_after_s)
    waits.begin(away, seconds, attempt)
    await asyncio.sleep(seconds)


class _Feed(Service):
    """Opens the store, waiting while it is down or held by another process, applies what is parked and known by now,
    and then lets its topics be read; closes the store when that has ended.

    Beside the start of the process: another feed in it is not to wait for this store.
    """

    logger = logging.getLogger("mode")

    def __init__(
        self, feeding: Feeding, waits: FeedWaits, decisions: FeedDecisions, bootstrap: Brokers, reader: TopicReader
    ) -> None:
        super().__init__()
        self._feeding = feeding
        self._waits = waits
        self._decisions = decisions
        self._bootstrap = bootstrap
        self._reader = reader
        self._stands_by = False

    @Service.task
    async def _begin(self) -> None:
        try:
            for do in (self._feeding.open, self._decisions.open, *self._revivals()):
                await self._until_done(do)
            if not self.should_stop:
                await self.add_runtime_dependency(self._reader)
        except Exception:  # noqa: BLE001  # the entry point of this task; the engine would carry on without it
            crash("feed_crashed", feed=self._feeding.model.name)

    async def on_shutdown(self) -> None:
        await asyncio.to_thread(self._feeding.close)

    def _revivals(self) -> list[Callable[[], object]]:
        """What is parked is the feed's own: who makes a build beside it reads those records with all others."""
        return [] if self._feeding.model.build else [self._revive]

    def _revive(self) -> None:
        try:
            apply_parked_records.revive(self._bootstrap, self._feeding)
        except StoreLost:
            self._feeding.open()
            raise

    async def _until_done(self, do: Callable[[], object]) -> None:
        attempt = 0
        while not self.should_stop:
            try:
                await asyncio.to_thread(do)
            except HeldElsewhere as held:
                self._stand_by(held)
                await asyncio.sleep(_STANDBY_POLL_S)
            except Unavailable as away:
                await _wait(self._waits, away, min(attempt, 3))
                attempt += 1
            else:
                self._waits.end()
                return

    def _stand_by(self, held: HeldElsewhere) -> None:
        metrics.feed_stands_by(self._feeding.model.id)
        if not self._stands_by:
            self._stands_by = True
            log.info("feed_stands_by", feed=self._feeding.model.name, what=held.what)
