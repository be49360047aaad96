"""Shows readers what was written, and says how fresh that is."""

import asyncio
import math
import time
from datetime import datetime

import structlog
from aiokafka.errors import KafkaError

from ops import metrics
from sinks.freshness import BUILDING, Freshness
from sinks.sink import Unavailable
from streams.agents.feed_partitions import FeedPartitions
from streams.agents.publish_pace import every_s
from streams.feed_freshness import AppliedWatermarks, Told
from streams.feeding.feed_read_model import Feeding

log = structlog.get_logger(__name__)


class FreshnessPublisher:
    def __init__(self, feeding: Feeding, partitions: FeedPartitions, publish_every_s: float) -> None:
        self._feeding = feeding
        self._partitions = partitions
        self._publish_every_s = publish_every_s
        self._watermarks = AppliedWatermarks()
        self._published_at = 0.0
        self._took_s = 0.0
        self._published: Freshness | None = None
        self._vouches = False
        self._begun_with: datetime | None = None

    def begin(self, told: Freshness) -> None:
        """With other partitions than before: `told` is how fresh the store says they are."""
        self._watermarks = AppliedWatermarks(told)
        self._published, self._vouches = None, False
        told_before = self._feeding.model.complete(self._freshness())
        self._begun_with = told_before.as_of
        if self._partitions.assigned:
            self._tell(told_before)

    def lose(self) -> None:
        """The store is lost: nobody vouches for anything."""
        self._tell(Freshness(withheld=BUILDING))

    async def follow(self, heard: Told | None) -> None:
        """Counts what was applied by now; `heard` is a new watermark."""
        partitions = self._partitions
        has_news = heard is not None or self._feeding.has_unpublished
        if not partitions.assigned or partitions.to_begin or not has_news:
            return
        try:
            positions = await partitions.positions()
            logs = {} if heard is None else await partitions.ends()
        except (KafkaError, Unavailable):
            # A partition was just taken away, or Kafka is: nothing new can be said about freshness now.
            return
        if partitions.to_begin:
            return
        self._feeding.passed(positions)
        places = self._feeding.places()
        if any(each.topic_id != places[p].topic_id or each.end < places[p].next for p, each in logs.items()):
            log.warning("topic_made_anew", feed=self._feeding.model.name)
            partitions.begin_anew()
            return
        if heard is not None:
            withheld = heard.withheld([topic.name for topic in self._feeding.model.topics])
            self._watermarks.hear(heard.captured, {partition: each.end for partition, each in logs.items()}, withheld)
        self._watermarks.reach(positions)

    def is_due(self, behind_s: float) -> bool:
        """`behind_s`: how old the newest change is that was written last."""
        took_s = self._took_s if self._feeding.has_unpublished else math.inf  # to say how fresh it is has time
        pause_s = every_s(self._publish_every_s, behind_s, took_s)
        return time.monotonic() - self._published_at >= pause_s or self._can_vouch_first()

    async def publish(self) -> bool:
        """Whether there was anything to publish. Raises `Unavailable`."""
        freshness = self._freshness()
        if self._partitions.to_begin or (freshness == self._published and not self._feeding.has_unpublished):
            return False
        began_s = time.monotonic()
        told = await asyncio.to_thread(self._feeding.publish, freshness)
        self._published, self._published_at = freshness, time.monotonic()
        self._took_s = self._published_at - began_s
        self._tell(told)
        return True

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

    def _tell(self, freshness: Freshness) -> None:
        """`freshness` is that of all instances together: each knows of its own partitions only."""
        for why in metrics.WITHHELD:
            is_so = freshness.withheld.partition(":")[0] == why
            metrics.FEED_WITHHELD.labels(self._feeding.model.id, why).set(is_so)
        # Who has no partitions has nothing to say.
        if freshness.as_of is not None and self._partitions.assigned:
            self._vouches = self._vouches or freshness.as_of != self._begun_with
            metrics.FEED_AS_OF.labels(self._feeding.model.id).set(freshness.as_of.timestamp())
