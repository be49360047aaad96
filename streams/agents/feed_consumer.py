"""Makes the consumer of a feed: a member of the feed's group that acknowledges nothing by itself."""

import asyncio
from typing import Final

from aiokafka import AIOKafkaConsumer

from ops.clients import kafka_async
from ops.settings import Settings
from streams import group_membership

#: A larger record comes too, alone: this is no limit for the first one.
_FETCH_BYTES: Final = 8 * 1024 * 1024


async def connect(settings: Settings, group: str) -> AIOKafkaConsumer:
    """To be made in the loop that uses it, and started there."""
    session_ms = await asyncio.to_thread(group_membership.session_ms, settings)
    return kafka_async.consumer(
        settings.kafka,
        group_id=group,
        client_id=group_membership.client_id(group),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        session_timeout_ms=session_ms,
        heartbeat_interval_ms=session_ms // group_membership.SIGNS,
        rebalance_timeout_ms=group_membership.REBALANCE_MS,
        metadata_max_age_ms=group_membership.LOOK_AT_TOPICS_MS,
        max_partition_fetch_bytes=_FETCH_BYTES,
    )
