"""Shows payments: one, or a page of them, each with what of it goes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from api.domain.changes import Versioned
from api.domain.payments import OwedRefund
from api.store.view import View
from api.use_cases.pages import Page, read_page
from api.use_cases.payments.commands import PaymentsAsked, PaymentsOfOrderAsked
from api.use_cases.require_found import found
from schemas.events.payment import Payment


@dataclass(frozen=True, slots=True)
class ShownPayment:
    held: Versioned[Payment]
    refunds: Sequence[OwedRefund]


def get_payment(view: View, payment_id: UUID) -> ShownPayment:
    """Raises `NotFound`."""
    held = found(view.payments.get, "payment", payment_id)
    return _shown(view, [held])[0]


def list_payments(view: View, asked: PaymentsAsked) -> Page[ShownPayment]:
    """Raises `Invalid` for a cursor of another question."""
    page = read_page(asked, view.payments.page)
    return Page(_shown(view, page.items), page.next_cursor)


def payments_of_order(view: View, order_id: UUID, asked: PaymentsOfOrderAsked) -> Page[ShownPayment]:
    """The same. Raises `NotFound` for an order that is not there for this actor."""
    found(view.orders.get, "order", order_id)
    return payments_below(view, order_id, asked)


def payments_below(view: View, order_id: UUID, asked: PaymentsOfOrderAsked) -> Page[ShownPayment]:
    """Those of an order that is there for whoever asks: it was looked up before."""
    page = read_page(asked, view.payments.page, below=order_id, order_id=order_id)
    return Page(_shown(view, page.items), page.next_cursor)


def _shown(view: View, held: Sequence[Versioned[Payment]]) -> list[ShownPayment]:
    refunds = view.payments.refunds_of([one.value.id for one in held])
    return [ShownPayment(one, refunds.get(one.value.id, ())) for one in held]
