"""Pays for an order of nobody's, and shows what was paid, to who has the order's token: nothing else of the shop."""

from datetime import datetime
from uuid import UUID

from api.domain.changes import Versioned
from api.domain.errors import NotFound
from api.store.unit_of_work import UnitOfWork
from api.store.view import View
from api.use_cases.orders.guest_orders import get_claimed, hold_claimed
from api.use_cases.pages import Page
from api.use_cases.payments import read_payments
from api.use_cases.payments.commands import NewPayment, PaymentsOfOrderAsked
from api.use_cases.payments.payment_desk import PaymentDesk
from api.use_cases.payments.read_payments import ShownPayment
from api.use_cases.payments.start_payment import start_for
from schemas.events.payment import Payment


def start_guest_payment(work: UnitOfWork, desk: PaymentDesk, text: str, command: NewPayment) -> Versioned[Payment]:
    """Raises `NotFound` whatever is wrong with the token, and as `start_payment`."""
    return start_for(work, desk, hold_claimed(work, text), command)


def get_guest_payment(view: View, text: str, payment_id: UUID, now: datetime) -> ShownPayment:
    """Raises `NotFound`."""
    order_id = get_claimed(view, text, now).value.terms.id
    shown = read_payments.get_payment(view, payment_id)
    if shown.held.value.order_id != order_id:
        raise NotFound("payment", payment_id)
    return shown


def payments_of_guest(view: View, text: str, asked: PaymentsOfOrderAsked, now: datetime) -> Page[ShownPayment]:
    """Raises `NotFound` whatever is wrong with the token."""
    order_id = get_claimed(view, text, now).value.terms.id
    return read_payments.payments_below(view, order_id, asked)
