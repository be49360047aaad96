"""The life of a payment: started → succeeded or declined; what an order cannot take is returning until it is refunded.

Pure. A decline is not the last word: a provider may find out later that the money came. A success is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from api.domain.changes import DatedEvent, Decision, Event, Versioned
from api.domain.errors import Conflict, FieldError
from api.domain.moments import not_before
from api.domain.money import EXPONENTS, MOST_MINOR
from api.domain.orders import AnyOrder, Confirmed, Pending
from api.domain.payment_provider import Declined, Succeeded
from schemas.events.payment import (
    Payment,
    PaymentDeclined,
    PaymentRefund,
    PaymentRefunded,
    PaymentStarted,
    PaymentSucceeded,
)

Held = Versioned[Payment]


class PaymentStatus(StrEnum):
    STARTED = "started"
    SUCCEEDED = "succeeded"
    DECLINED = "declined"
    RETURNING = "returning"
    REFUNDED = "refunded"


#: Those in which the provider has taken money.
RECEIVED: Final = frozenset({PaymentStatus.SUCCEEDED, PaymentStatus.RETURNING, PaymentStatus.REFUNDED})


class BackReason(StrEnum):
    """Why money goes back."""

    ORDER_CANCELLED = "order_cancelled"
    ORDER_REFUNDED = "order_refunded"
    #: It came, and the order was cancelled or paid already.
    NOT_WANTED = "not_wanted"
    #: It came, and it was not what the order comes to.
    WRONG_AMOUNT = "wrong_amount"


class RefundState(StrEnum):
    """Of money that is to go back: `failed` is what the provider refuses for good."""

    DUE = "due"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedRefund:
    """Money that is to go back, and how far that has come.

    What the provider refused, at `refused_at` with its word in `error`, may be `done` all the same: then the shop sent
    it by hand, and `by_hand` says why so and how.
    """

    id: UUID
    payment_id: UUID
    amount_minor: int
    reason: BackReason
    state: RefundState
    error: str
    made_at: datetime
    refunded_at: datetime | None
    refused_at: datetime | None = None
    by_hand: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What a provider's word comes to. `pays`: the order is paid by it. `back`: why all of it goes back at once."""

    change: Decision[Payment]
    pays: bool = False
    back: BackReason | None = None


class PaymentUnderWay(Conflict):
    """Of two payments at a time both might succeed."""

    code = "payment_under_way"


class NothingToPay(Conflict):
    """The order is paid, cancelled, or costs nothing."""

    code = "nothing_to_pay"


class NotRefused(Conflict):
    """The provider sends it itself, or it is back already."""

    code = "refund_not_refused"


class Nonsense(Exception):
    """What the provider says cannot be: it is asked again, and people are told by an alert."""


def to_pay(order: AnyOrder) -> int:
    """What is still to be paid of an order. Raises `NothingToPay`."""
    if not isinstance(order, Pending | Confirmed) or order.terms.total_minor == 0:
        raise NothingToPay("There is nothing to pay: the order is paid, cancelled, or costs nothing.")
    return order.terms.total_minor


def start(payment_id: UUID, order: AnyOrder, provider: str, now: datetime) -> Decision[Payment]:
    """Raises `NothingToPay`."""
    payment = Payment(
        id=payment_id,
        order_id=order.terms.id,
        provider=provider,
        status=PaymentStatus.STARTED,
        amount_minor=to_pay(order),
        currency=order.terms.currency,
        received_minor=None,
        decline_reason=None,
        started_at=now,
        settled_at=None,
        refunds=(),
        refunded_minor=0,
    )
    happened = (DatedEvent(PaymentStarted(payment=payment), now),)
    return Decision(aggregate_id=payment_id, value=payment, happened=happened)


def settle(held: Held, outcome: Succeeded | Declined, order: AnyOrder, now: datetime) -> Settled | None:
    """None when it is no news. Raises `Nonsense`."""
    was = held.value
    at = not_before(now, was.started_at, was.settled_at)
    if isinstance(outcome, Declined):
        if was.status != PaymentStatus.STARTED:
            return None
        declined = replace(was, status=PaymentStatus.DECLINED, decline_reason=outcome.reason, settled_at=at)
        return Settled(_change(held, declined, PaymentDeclined(payment=declined), at))
    if was.status in RECEIVED:
        return None
    if outcome.currency != was.currency or not 0 < outcome.amount_minor <= MOST_MINOR:
        raise Nonsense(f"payment {was.id}: another currency than {was.currency}, or no amount")
    back = _why_back(was, outcome, order)
    taken = replace(
        was,
        status=PaymentStatus.SUCCEEDED if back is None else PaymentStatus.RETURNING,
        received_minor=outcome.amount_minor,
        decline_reason=None,
        settled_at=at,
    )
    return Settled(_change(held, taken, PaymentSucceeded(payment=taken), at), pays=back is None, back=back)


def sent_by_hand(held: Held, owed: OwedRefund, now: datetime) -> Decision[Payment]:
    """The shop has sent it back another way. Raises `NotRefused`: nothing goes back twice."""
    if owed.state is not RefundState.FAILED:
        raise NotRefused("The provider has not refused to send it back, or it is back already.")
    return refunded(held, owed, now)


def refunded(held: Held, owed: OwedRefund, now: datetime) -> Decision[Payment]:
    """It is back with the customer."""
    was = held.value
    at = not_before(now, was.settled_at, *(one.refunded_at for one in was.refunds))
    refund = PaymentRefund(id=owed.id, amount_minor=owed.amount_minor, reason=owed.reason, refunded_at=at)
    back = was.refunded_minor + owed.amount_minor
    status = PaymentStatus.REFUNDED if back == was.received_minor else was.status
    new = replace(was, status=status, refunds=(*was.refunds, refund), refunded_minor=back)
    return _change(held, new, PaymentRefunded(payment=new, refund=refund), at)


def newest(payment: Payment) -> DatedEvent:
    """The event that tells what was done to it last."""
    if payment.refunds:
        return DatedEvent(PaymentRefunded(payment=payment, refund=payment.refunds[-1]), payment.refunds[-1].refunded_at)
    at = payment.settled_at or payment.started_at
    match PaymentStatus(payment.status):
        case PaymentStatus.STARTED:
            return DatedEvent(PaymentStarted(payment=payment), at)
        case PaymentStatus.DECLINED:
            return DatedEvent(PaymentDeclined(payment=payment), at)
        case PaymentStatus.SUCCEEDED | PaymentStatus.RETURNING | PaymentStatus.REFUNDED:
            return DatedEvent(PaymentSucceeded(payment=payment), at)


def wrong(payment: Payment) -> Sequence[FieldError]:
    """What no payment may be."""
    found = []
    if payment.status not in list(PaymentStatus):
        found.append(FieldError("status", "unknown_status", f"{payment.status} is no status of a payment."))
    if payment.currency not in EXPONENTS:
        found.append(FieldError("currency", "unknown_currency", f"{payment.currency} is no ISO 4217 currency."))
    if not 0 < payment.amount_minor <= MOST_MINOR:
        found.append(FieldError("amount_minor", "out_of_range", f"It is 1 to {MOST_MINOR}."))
    back = sum(one.amount_minor for one in payment.refunds)
    if payment.refunded_minor != back or not 0 <= back <= (payment.received_minor or 0):
        message = "It is all that went back, and never more than was received."
        found.append(FieldError("refunded_minor", "not_the_sum", message))
    return found


def _why_back(payment: Payment, outcome: Succeeded, order: AnyOrder) -> BackReason | None:
    if not isinstance(order, Pending | Confirmed):
        return BackReason.NOT_WANTED
    same = outcome.amount_minor == payment.amount_minor == order.terms.total_minor
    return None if same and payment.currency == order.terms.currency else BackReason.WRONG_AMOUNT


def _change(held: Held, new: Payment, event: Event, at: datetime) -> Decision[Payment]:
    return Decision(aggregate_id=new.id, value=new, happened=(DatedEvent(event, at),), was_at=held.version)
