"""Writes down that the shop itself gave back what the provider had refused to send back."""

from uuid import UUID

from api.domain import payments as domain
from api.domain.changes import ANY_VERSION, Expected
from api.domain.errors import NotFound
from api.store.unit_of_work import UnitOfWork
from api.use_cases.payments.commands import SentByHand
from api.use_cases.payments.read_payments import ShownPayment, get_payment
from api.use_cases.require_found import found
from schemas.events.payment import PaymentRefunded


def send_by_hand(
    work: UnitOfWork, payment_id: UUID, refund_id: UUID, command: SentByHand, expected: Expected = ANY_VERSION
) -> ShownPayment:
    """The payment as it is from now on. Raises `NotFound`, `NotRefused`, and `VersionMismatch`."""
    held = found(work.payments.hold, "payment", payment_id)
    expected.require(held)
    owed = found(work.payments.hold_refund, "refund", refund_id)
    if owed.payment_id != payment_id:
        raise NotFound("refund", refund_id)
    change = domain.sent_by_hand(held, owed, work.now)
    work.save(work.payments, change)
    (happened,) = change.happened
    if isinstance(happened.event, PaymentRefunded):
        work.payments.sent_by_hand(happened.event.refund, command.reason)
    return get_payment(work, payment_id)
