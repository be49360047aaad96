"""Writes down what a provider says became of a payment, and pays its order by it, in one transaction.

However often and from wherever it is said (the answer, a webhook, who asks again), it is done once: whoever settles
holds the payment, and finds it settled afterwards. Money that the order cannot take goes back by itself.
"""

from dataclasses import dataclass
from uuid import UUID

from api.domain import payments as domain
from api.domain.changes import Versioned
from api.domain.payment_provider import Outcome, Succeeded, Waiting
from api.store.unit_of_work import UnitOfWork
from api.use_cases.orders.move_order import pay_at_provider
from api.use_cases.orders.owe_refund import owed_refund
from api.use_cases.require_found import found
from schemas.events.payment import Payment


@dataclass(frozen=True, slots=True)
class SettledPayment:
    """The payment as it is from now on, and whether that is news."""

    held: Versioned[Payment]
    is_news: bool


def settle_payment(work: UnitOfWork, payment_id: UUID, outcome: Outcome) -> SettledPayment:
    """Raises `NotFound` and `Nonsense`."""
    held = found(work.payments.hold, "payment", payment_id)
    if isinstance(outcome, Waiting):
        return SettledPayment(held, is_news=False)
    order = found(work.orders.hold, "order", held.value.order_id)
    settled = domain.settle(held, outcome, order.value, work.now)
    if settled is None:
        return SettledPayment(held, is_news=False)
    now_is = work.save(work.payments, settled.change)
    if isinstance(outcome, Succeeded):
        work.payments.refer(payment_id, outcome.reference)
    if settled.pays:
        pay_at_provider(work, order, payment_id)
    if settled.back is not None:
        work.payments.owe(owed_refund(work, payment_id, now_is.value.received_minor or 0, settled.back))
    return SettledPayment(now_is, is_news=True)
