"""Hears what every feed is told: how far capture has come, and what operators decided about this feed."""

import asyncio
from typing import Final

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from ops.clients import kafka_async
from ops.clients.client_credentials import Brokers
from schemas.topics import FEED_DECISIONS, WATERMARKS
from streams.feed_freshness import Told
from streams.feeding.feed_read_model import Feeding
from streams.heard_watermarks import HeardWatermarks
from streams.watermark_signature import WatermarkSignature

_WATERMARKS: Final = TopicPartition(WATERMARKS.name, 0)
_DECISIONS: Final = TopicPartition(FEED_DECISIONS.name, 0)


class Announcements:
    """Made, started and stopped in the loop that hears them."""

    def __init__(self, feeding: Feeding, brokers: Brokers, signature: WatermarkSignature) -> None:
        self._feeding = feeding
        self._consumer = kafka_async.consumer(brokers, auto_offset_reset="latest")
        self._hears_decisions = False
        self._watermarks = HeardWatermarks(feeding.model.id, signature)

    async def start(self) -> None:
        await self._consumer.start()
        self._consumer.assign([_WATERMARKS, _DECISIONS])

    async def stop(self) -> None:
        await self._consumer.stop()

    async def hear(self) -> Told | None:
        """Gives the newest watermark there is since the last time. Decisions go to the feed."""
        heard = dict(await self._consumer.getmany(timeout_ms=0))
        if heard.pop(_DECISIONS, ()) or not self._hears_decisions:
            await self._hear_decisions()
        return self._watermarks.hear(record for part in heard.values() for record in part)

    async def _hear_decisions(self) -> None:
        """They are read as a whole. Once more than at the start: some may have come until the new ones were heard."""
        try:
            await self._consumer.position(_DECISIONS)
        except KafkaError:
            return
        self._hears_decisions = True
        await asyncio.to_thread(self._feeding.hear_decisions)
