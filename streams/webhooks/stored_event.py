"""Keeps an event as Kafka gave it beside the body that is sent: what nobody takes becomes a dead letter of it."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from schemas.cloud_event import cloud_event
from schemas.envelope import Envelope
from schemas.event_catalogue import history_of
from schemas.event_json import to_json
from streams.fallback_reader import ReadRecord
from streams.feeding.decode_record import Decoded
from streams.kafka_record import KafkaRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """`body` is None while nobody here can read the record. `id` is that of its row."""

    id: UUID
    envelope: Envelope
    body: bytes | None
    record: KafkaRecord

    def values(self) -> dict[str, Any]:
        record, envelope = self.record, self.envelope
        return {
            "tenant": envelope.tenant_id,
            "stored_as": self.id,
            "event": envelope.id,
            "event_type": envelope.event_type,
            "aggregate": envelope.aggregate_id,
            "order": envelope.order,
            "occurred_at": envelope.occurred_at,
            "body": self.body,
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "key": record.key,
            "value": record.value,
            "headers": Jsonb([[_sayable(name), _text(value)] for name, value in record.headers]),
            "committed_ms": record.timestamp,
        }


def body_of(decoded: Decoded) -> bytes:
    """What a receiver gets: in the words of the newest version."""
    version = history_of(decoded.event).newest_version
    return cloud_event(decoded.envelope, version, to_json(decoded.event))


#: As a row has it: topic, partition, offset, key, value, headers, committed_ms.
COLUMNS = 'e.topic, e."partition", e."offset", e.record_key, e.record_value, e.headers, e.committed_ms'


def record_of(row: Sequence[Any]) -> ReadRecord:
    topic, partition, offset, key, value, headers, committed_ms = row
    return ReadRecord(
        topic=topic,
        partition=partition,
        offset=offset,
        key=None if key is None else bytes(key),
        value=None if value is None else bytes(value),
        headers=tuple((name, None if text is None else b64decode(text)) for name, text in headers),
        timestamp=committed_ms,
    )


def _text(value: bytes | None) -> str | None:
    return None if value is None else b64encode(value).decode()


def _sayable(name: str) -> str:
    """PostgreSQL has no NUL in a text."""
    return name.replace("\0", "\\0")
