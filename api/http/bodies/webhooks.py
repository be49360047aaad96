"""A webhook in JSON; its secret only in the answer to who made or rotated it."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from api.domain.changes import Versioned
from api.domain.webhooks import Delivery, DeliveryState, OffReason, Webhook
from api.http.bodies.fields import AnswerBody, PageAnswer


class WebhookAnswer(AnswerBody):
    id: UUID
    version: int
    url: str
    event_types: list[str]
    description: str
    active: bool
    off_reason: OffReason | None = Field(
        description="Why nothing is sent: `asked`, `gone` (the receiver answered 410), `failing` (for too long)."
    )
    off_at: datetime | None
    made_by: str
    made_at: datetime
    old_secret_until: datetime | None = Field(description="Until then the secret from before is good, too.")
    failing_since: datetime | None = Field(description="Nothing was taken since then, though it was tried.")
    delivered_at: datetime | None = Field(description="When something was taken last.")

    @classmethod
    def of(cls, held: Versioned[Webhook], **more: str) -> Self:
        return cls(
            id=held.value.id,
            version=held.version,
            url=held.value.url,
            event_types=list(held.value.event_types),
            description=held.value.description,
            active=held.value.active,
            off_reason=held.value.off_reason,
            off_at=held.value.off_at,
            made_by=held.value.made_by,
            made_at=held.value.made_at,
            old_secret_until=held.value.old_secret_until,
            failing_since=held.value.failing_since,
            delivered_at=held.value.delivered_at,
            **more,
        )


class WebhookWithSecret(WebhookAnswer):
    secret: str = Field(description="`whsec_…`, to check signatures with. This is the only time that it is shown.")


class WebhookPage(PageAnswer):
    items: list[WebhookAnswer]


class DeliveryAnswer(AnswerBody):
    id: UUID
    event_id: UUID = Field(description="What the receiver gets as `webhook-id`.")
    event_type: str
    aggregate_id: UUID
    state: DeliveryState
    attempts: int
    made_at: datetime
    next_try_at: datetime | None
    tried_at: datetime | None
    status: int | None = Field(description="What the receiver answered last; null when it did not.")
    error: str = Field(description="Why the last try failed; empty when it did not.")
    duration_ms: int | None

    @classmethod
    def of(cls, held: Delivery) -> Self:
        return cls.model_validate(held)


class DeliveryPage(PageAnswer):
    items: list[DeliveryAnswer]
