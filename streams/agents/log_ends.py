"""Asks Kafka where a partition ends now, and of which topic it is, on connections of its own.

A question on a connection that reads waits behind a fetch for records that are yet to come. A client that did not
answer is not asked again.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from functools import partial

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient

from ops.clients import kafka_async
from ops.clients.client_credentials import Brokers
from ops.clients.renewed_admin import RenewedAdmin
from sinks.sink import Partition, Unavailable
from streams import topic_descriptions
from streams.feeding.start_positions import Log

_TIMEOUT_S = 10.0


class Logs:
    """Started and stopped in the loop that asks. Every question may raise `Unavailable`."""

    def __init__(
        self, bootstrap: Brokers, make_admin: Callable[[Brokers], AdminClient] = topic_descriptions.connect
    ) -> None:
        self._consumer = kafka_async.consumer(bootstrap, isolation_level="read_committed")
        self._admin = RenewedAdmin(partial(make_admin, bootstrap))

    async def start(self) -> None:
        await self._consumer.start()

    async def stop(self) -> None:
        await self._consumer.stop()

    async def of(self, partitions: Collection[TopicPartition]) -> dict[Partition, Log]:
        """The ids are asked for last: offsets of a topic that was made anew meanwhile are not told under the old id."""
        if not partitions:
            return {}
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                first = await self._consumer.beginning_offsets(list(partitions))
                end = await self._consumer.end_offsets(list(partitions))
                ids = await asyncio.to_thread(self._topic_ids, {partition.topic for partition in partitions})
        except (KafkaError, KafkaException, TimeoutError) as away:
            self._admin.renew()
            raise Unavailable(f"Kafka does not say where its partitions end: {away!r}") from away
        return {
            (each.topic, each.partition): Log(topic_id=ids[each.topic], first=first[each], end=end[each])
            for each in partitions
        }

    def _topic_ids(self, topics: Collection[str]) -> Mapping[str, str]:
        asked = self._admin.client.describe_topics(TopicCollection(list(topics)), request_timeout=_TIMEOUT_S)
        return {name: str(future.result().topic_id) for name, future in asked.items()}
