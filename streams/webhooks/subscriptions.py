"""Reads who has subscribed to what, of all shops that a batch of records is about."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from ops.clients.database_roles import WEBHOOKS_GROUP
from schemas.envelope import Envelope
from schemas.subscribed_events import takes
from streams.as_duty import as_duty
from streams.kafka_record import KafkaRecord


@dataclass(frozen=True, slots=True)
class Subscription:
    """Of what was committed before `since` it gets nothing."""

    tenant_id: UUID
    id: UUID
    event_types: tuple[str, ...]
    since: datetime

    def wants(self, envelope: Envelope, record: KafkaRecord) -> bool:
        # Kafka has milliseconds, PostgreSQL has more: what happened in the same one is sent.
        is_new = record.timestamp >= int(self.since.timestamp() * 1000)
        return is_new and takes(self.event_types, envelope.event_type)


def active(connection: psycopg.Connection[Any], tenants: Collection[UUID]) -> Mapping[UUID, list[Subscription]]:
    """By shop."""
    found: dict[UUID, list[Subscription]] = {}
    with as_duty(connection, WEBHOOKS_GROUP):
        for tenant_id, id_, event_types, since in connection.execute(
            "SELECT tenant_id, id, event_types, active_since FROM webhooks WHERE active AND tenant_id = ANY (%s)",
            (list(tenants),),
        ):
            found.setdefault(tenant_id, []).append(Subscription(tenant_id, id_, tuple(event_types), since))
    return found


def shop_of(connection: psycopg.Connection[Any], webhook_id: UUID) -> UUID | None:
    """Whose it is; None when it is not there any more."""
    with as_duty(connection, WEBHOOKS_GROUP):
        row = connection.execute("SELECT tenant_id FROM webhooks WHERE id = %s", (webhook_id,)).fetchone()
    return None if row is None else row[0]
