"""Defines the outbox row that a writer leaves for the log: one per event, in the transaction of the change.

The first five columns are those of Debezium's outbox event router; all others exist because they become headers.
Everything but `id` and `payload` is text, so that whoever captures the row moves bytes and formats nothing.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from schemas.envelope import SOURCE, SPEC_VERSION, Envelope, timestamp

TABLE: Final = "outbox"

#: Header → column, in the order the headers have on Kafka after the router's own `id`.
HEADERS: Final = (
    ("ce_specversion", "ce_specversion"),
    ("ce_id", "id"),
    ("ce_type", "type"),
    ("ce_source", "ce_source"),
    ("ce_subject", "aggregateid"),
    ("ce_time", "ce_time"),
    ("ce_tenantid", "tenant_id"),
    ("ce_aggregateid", "aggregateid"),
    ("ce_aggregateversion", "aggregate_version"),
    ("ce_correlationid", "correlation_id"),
    ("ce_causationid", "causation_id"),
    ("ce_actorid", "actor_id"),
    ("ce_schemaversion", "schema_version"),
    ("traceparent", "traceparent"),
    ("ce_epoch", "epoch"),
)

#: A row that was written before this column was there is of the first epoch.
FIRST_EPOCH: Final = "0"

#: Sent by capture after all others: `<commit LSN>/<ordinal in its transaction, from 1>`, e.g. `0/1A2B3C8/2`.
LSN_HEADER: Final = "lsn"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """Columns in table order. `payload` is Confluent-framed Avro, exactly the value a consumer gets.

    `epoch` is filled in by the database when the row is written.
    """

    id: UUID
    aggregatetype: str
    aggregateid: str
    type: str
    payload: bytes
    ce_specversion: str
    ce_source: str
    ce_time: str
    tenant_id: str
    aggregate_version: str
    correlation_id: str
    causation_id: str | None
    actor_id: str
    schema_version: str
    traceparent: str
    epoch: str = FIRST_EPOCH


def row(envelope: Envelope, payload: bytes) -> OutboxRow:
    return OutboxRow(
        id=envelope.id,
        aggregatetype=envelope.event_type.partition(".")[0],
        aggregateid=str(envelope.aggregate_id),
        type=envelope.event_type,
        payload=payload,
        ce_specversion=SPEC_VERSION,
        ce_source=SOURCE,
        ce_time=timestamp(envelope.occurred_at),
        tenant_id=str(envelope.tenant_id),
        aggregate_version=str(envelope.aggregate_version),
        correlation_id=envelope.correlation_id,
        causation_id=envelope.causation_id,
        actor_id=envelope.actor_id,
        schema_version=str(envelope.schema_version),
        traceparent=envelope.traceparent,
        epoch=str(envelope.epoch),
    )
