"""Writes down that money of an order goes back through the provider that took it; a job sends it afterwards.

In the transaction that gives it back, so that neither is there without the other. What staff said was paid, by `/pay`,
no provider has taken: that goes back by hand.
"""

from uuid import UUID

from api.domain.order_events import as_value
from api.domain.orders import AnyOrder
from api.domain.payments import BackReason, OwedRefund, RefundState
from api.store.unit_of_work import UnitOfWork


def owe_refund(work: UnitOfWork, order: AnyOrder, amount_minor: int, reason: BackReason) -> None:
    """Nothing is owed where nothing goes back, or no provider took it."""
    payment_id = _as_id(as_value(order).payment_id)
    if amount_minor == 0 or payment_id is None:
        return
    paid = work.payments.get(payment_id)
    if paid is not None and paid.value.order_id == order.terms.id:
        work.payments.owe(owed_refund(work, payment_id, amount_minor, reason))


def owed_refund(work: UnitOfWork, payment_id: UUID, amount_minor: int, reason: BackReason) -> OwedRefund:
    return OwedRefund(
        id=work.new_id(),
        payment_id=payment_id,
        amount_minor=amount_minor,
        reason=reason,
        state=RefundState.DUE,
        error="",
        made_at=work.now,
        refunded_at=None,
    )


def _as_id(payment_id: str | None) -> UUID | None:
    """What an import or staff called a payment need not be an id of ours."""
    try:
        return None if payment_id is None else UUID(payment_id)
    except ValueError:
        return None
