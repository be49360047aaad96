"""Records that no client of today would write, put into Kafka byte for byte."""

import asyncio
import time
from collections.abc import Sequence

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy as Batch

_NOT_LEADER = 6
_DEADLINE_S = 20.0

Raw = tuple[bytes | None, bytes | None, Sequence[tuple[bytes, bytes | None]]]


class _Name(str):
    """Bytes where the client wants to encode a text itself."""

    raw: bytes

    def encode(self, *_: object) -> bytes:
        return self.raw


def put(bootstrap: str, topic: str, records: Sequence[Raw], partition: int = 0, timestamp: int = 1) -> int:
    """The offset of the first; their headers' names are bytes."""
    return asyncio.run(_put(bootstrap, TopicPartition(topic, partition), records, timestamp))


async def _put(bootstrap: str, place: TopicPartition, records: Sequence[Raw], timestamp: int) -> int:
    batch = Batch(2, 0, 0, -1, -1, -1, 64 * 1024 * 1024)
    for number, (key, value, headers) in enumerate(records):
        batch.append(number, timestamp, key, value, [(_named(name), told) for name, told in headers])
    client = AIOKafkaClient(bootstrap_servers=bootstrap)
    await client.bootstrap()
    deadline = time.monotonic() + _DEADLINE_S
    try:
        await client._wait_on_metadata(place.topic)  # noqa: SLF001  # there is no other way to send bytes
        node = client.cluster.leader_for_partition(place)
        part = (place.partition, bytes(batch.build()))
        request = ProduceRequest(transactional_id=None, required_acks=-1, timeout=5000, topics=[(place.topic, [part])])
        error = _NOT_LEADER
        while error == _NOT_LEADER and time.monotonic() < deadline:  # as Kafka says of a topic that it just made
            answer = await client.send(node, request)
            (_, ((_, error, offset, *_rest),)) = answer.topics[0]
    finally:
        await client.close()
    assert error == 0, f"Kafka refuses it with error {error}"
    return int(offset)


def _named(raw: bytes) -> _Name:
    name = _Name(raw.decode(errors="replace"))
    name.raw = raw
    return name
