"""Declares the events of a payment: money for an order that a payment provider was asked to take."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schemas.aggregate import Aggregate
from schemas.event_history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRefund:
    """Money that the provider has sent back. `reason` is one word of ours, never what somebody wrote."""

    id: UUID
    amount_minor: int
    reason: str
    refunded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """`status` is started, succeeded, declined, returning or refunded, which is: all of it went back.

    It is returning when the money came and the order could not take it: it had been cancelled or was paid already, or
    it was another amount. `received_minor` is what came. Nothing of a card and nothing that the provider calls it by is
    here.
    """

    id: UUID
    order_id: UUID
    provider: str
    status: str
    amount_minor: int
    currency: str
    received_minor: int | None
    decline_reason: str | None
    started_at: datetime
    settled_at: datetime | None
    refunds: tuple[PaymentRefund, ...]
    refunded_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentStarted:
    """Somebody wants to pay, and the provider is asked."""

    payment: Payment


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSucceeded:
    """The provider has the money. The order is paid by it, unless the payment is returning."""

    payment: Payment


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDeclined:
    """The provider did not take it, or nobody finished it in time. A success may still follow."""

    payment: Payment


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRefunded:
    """The provider has sent `refund` back."""

    payment: Payment
    refund: PaymentRefund


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDeleted:
    """Its shop was erased: `payment` says no more than which it was."""

    payment: Payment


HISTORIES = (
    History("payment.started", (PaymentStarted,)),
    History("payment.succeeded", (PaymentSucceeded,)),
    History("payment.declined", (PaymentDeclined,)),
    History("payment.refunded", (PaymentRefunded,)),
    History("payment.deleted", (PaymentDeleted,)),
)
AGGREGATE = Aggregate(
    name="payment",
    plural="payments",
    owner="sales",
    histories=HISTORIES,
    gone=PaymentDeleted,
    partitions=4,
    holds="payments that a provider was asked to take",
    meanings={
        "Payment.amount_minor": "what the order came to when it was started",
        "Payment.order_id": "which order it is for",
        "Payment.provider": "the name of who was asked",
        "Payment.refunded_minor": "all that went back so far",
        "PaymentRefund.amount_minor": "how much went back",
        "PaymentRefund.reason": "why it went back, in one word of ours",
        "decline_reason": "why it was declined, in one word",
        "received_minor": "what the provider has taken",
        "settled_at": "when the provider's word about it came",
        "started_at": "when somebody wanted to pay",
    },
)
PaymentEvent = PaymentStarted | PaymentSucceeded | PaymentDeclined | PaymentRefunded | PaymentDeleted
