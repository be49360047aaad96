"""Starts a payment of what is still to be paid of an order: written down before the provider is asked."""

from uuid import UUID

from api.domain import payments as domain
from api.domain.changes import Versioned
from api.domain.errors import NotFound
from api.domain.orders import AnyOrder
from api.domain.payments import PaymentUnderWay
from api.store.payments import KeptToken
from api.store.unit_of_work import UnitOfWork
from api.use_cases.payments.commands import NewPayment
from api.use_cases.payments.payment_desk import PaymentDesk
from schemas.events.payment import Payment


def start_payment(work: UnitOfWork, desk: PaymentDesk, order_id: UUID, command: NewPayment) -> Versioned[Payment]:
    """Raises `NotFound`, `NothingToPay`, and `PaymentUnderWay` while another one may still succeed."""
    order = work.orders.hold(order_id)
    if order is None:
        raise NotFound("order", order_id)
    return start_for(work, desk, order, command)


def start_for(
    work: UnitOfWork, desk: PaymentDesk, order: Versioned[AnyOrder], command: NewPayment
) -> Versioned[Payment]:
    """For an order that is held. Raises as `start_payment`."""
    order_id = order.value.terms.id
    decided = domain.start(work.new_id(), order.value, desk.name, work.now)
    if work.payments.under_way(order_id):
        raise PaymentUnderWay("Another payment for this order is under way: wait for what becomes of it.")
    saved = work.save(work.payments, decided)
    sealed = desk.close(saved.value.id, command.token)
    work.payments.keep_token(saved.value.id, KeptToken(sealed, work.now + desk.ask_again))
    return saved
