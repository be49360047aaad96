"""Shows payments: one, or a page of them, each with what of it goes back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from api.domain.changes import Versioned
from api.domain.orders import AnyOrder
from api.domain.payments import OwedRefund
from api.store.list_pages import PageWanted
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


def payments_of_orders(view: View, held: Sequence[Versioned[AnyOrder]]) -> list[Page[ShownPayment]]:
    """Of each order the first page of `payments_of_order`, without filters."""
    first = PaymentsOfOrderAsked()
    by_order = view.payments.of_orders([one.value.terms.id for one in held], limit=first.limit + 1)
    pages = [read_page(first, _these(its), below=order_id) for order_id, its in by_order.items()]
    shown = {one.held.value.id: one for one in _shown(view, [held for page in pages for held in page.items])}
    return [Page([shown[held.value.id] for held in page.items], page.next_cursor) for page in pages]


def _these(found: Sequence[Versioned[Payment]]) -> Callable[[PageWanted], Sequence[Versioned[Payment]]]:
    """What was looked up for many pages at once is the rows of one."""
    return lambda _: found


def _shown(view: View, held: Sequence[Versioned[Payment]]) -> list[ShownPayment]:
    refunds = view.payments.refunds_of([one.value.id for one in held])
    return [ShownPayment(one, refunds.get(one.value.id, ())) for one in held]
