"""Sends a webhook an event that says nothing, once, so that its people see what arrives; also while it is off."""

from uuid import UUID

from api.domain.webhooks import Delivery
from api.store.unit_of_work import UnitOfWork
from api.use_cases.webhooks.read_webhooks import get_webhook
from schemas.cloud_event import cloud_event
from schemas.envelope import Envelope
from schemas.subscribed_events import PING


def ping_webhook(work: UnitOfWork, webhook_id: UUID) -> Delivery:
    """On its way. Raises `NotFound`."""
    held, id_ = get_webhook(work, webhook_id), work.new_id()
    envelope = Envelope(
        id=id_,
        event_type=PING,
        schema_version=1,
        tenant_id=work.tenant_id,
        aggregate_id=webhook_id,
        aggregate_version=held.version,
        correlation_id=work.cause.correlation_id,
        causation_id=None,
        traceparent=work.cause.traceparent,
        occurred_at=work.now,
        actor_id=work.access.actor.actor_id,
    )
    return work.webhooks.add_ping(webhook_id, id_, PING, cloud_event(envelope, 1, {}), work.now)
