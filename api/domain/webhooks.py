"""Decides what a shop's webhooks may be: how many, of which events, and what they become when somebody changes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from api.domain.errors import Conflict, FieldError, Invalid
from api.domain.grants import gives_in_full
from api.domain.permissions import Grant
from schemas.subscribed_events import aggregates_of

#: Of a shop.
MOST: Final = 200
#: Of one webhook.
MOST_EVENT_TYPES: Final = 100


class OffReason(StrEnum):
    """Why nothing is sent: somebody asked for it, the receiver said 410, or it failed for too long."""

    ASKED = "asked"
    GONE = "gone"
    FAILING = "failing"


class DeliveryState(StrEnum):
    """`parked`: newer than known here. `failed`: a ping, which is tried once. `dead`: given up, a dead letter."""

    WAITING = "waiting"
    PARKED = "parked"
    DELIVERED = "delivered"
    FAILED = "failed"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """`off_reason` is None while it is active. `failing_since`: nothing was taken since then, though it was tried.

    `old_secret_until`: a secret from before is good beside the new one until then.
    """

    id: UUID
    url: str
    description: str
    event_types: tuple[str, ...]
    off_reason: OffReason | None
    off_at: datetime | None
    made_by: str
    made_at: datetime
    old_secret_until: datetime | None = None
    failing_since: datetime | None = None
    delivered_at: datetime | None = None

    @property
    def active(self) -> bool:
        return self.off_reason is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event on its way to one webhook. `status` is what the receiver answered last; None: it did not."""

    id: UUID
    event_id: UUID
    event_type: str
    aggregate_id: UUID
    state: DeliveryState
    attempts: int
    made_at: datetime
    next_try_at: datetime | None
    tried_at: datetime | None
    status: int | None
    error: str
    duration_ms: int | None


def checked_event_types(wanted: Sequence[str], maker: Sequence[Grant]) -> tuple[str, ...]:
    """Each once. Raises `Invalid` with each that there is not, or that tells of what its maker may not read."""
    wrong: list[FieldError] = []
    for at, pattern in enumerate(wanted):
        aggregates = aggregates_of(pattern)
        hidden = sorted(
            row.plural for row in aggregates if not gives_in_full(maker, f"{_resource_of(row.plural)}:read")
        )
        if not aggregates:
            wrong.append(FieldError(f"event_types.{at}", "unknown", f"There is no event type {pattern[:100]}."))
        elif hidden:
            told = f"You may not read all {', '.join(hidden)} yourself."
            wrong.append(FieldError(f"event_types.{at}", "exceeds_maker", told))
    if wrong:
        raise Invalid("Not all of these can be subscribed to.", wrong)
    return tuple(dict.fromkeys(wanted))


def _resource_of(plural: str) -> str:
    """What gives the right to read it: a shop's own row is read with `shop`."""
    return "shop" if plural == "tenants" else plural


def require_room(there: int) -> None:
    """Raises `Conflict`."""
    if there >= MOST:
        raise Conflict(f"A shop has at most {MOST} webhooks: delete one that nobody needs any more.")
