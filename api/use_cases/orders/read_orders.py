"""Shows orders: one, or a page of them."""

from collections.abc import Sequence
from uuid import UUID

from api.domain.changes import Versioned
from api.domain.order_timeline import PaymentTold, Step, timeline, without_reasons
from api.domain.orders import AnyOrder
from api.domain.permissions import Scope
from api.store.view import View
from api.use_cases.orders.commands import OrdersAsked
from api.use_cases.pages import MOST_ON_A_PAGE, Page, read_page
from api.use_cases.require_found import found


def get_order(view: View, order_id: UUID) -> Versioned[AnyOrder]:
    """Raises `NotFound`."""
    return found(view.orders.get, "order", order_id)


def get_timeline(view: View, order_id: UUID) -> tuple[Versioned[AnyOrder], tuple[Step, ...]]:
    """An order and what became of it; who reaches only their own is not told why. Raises `NotFound`."""
    held = get_order(view, order_id)
    return held, timelines(view, [held])[0]


def steps_of(view: View, held: Versioned[AnyOrder]) -> tuple[Step, ...]:
    """What became of it, with its newest payments."""
    return _steps_of_many(view, [held])[0]


def timelines(view: View, held: Sequence[Versioned[AnyOrder]]) -> list[tuple[Step, ...]]:
    """What became of each, as `get_timeline` tells it."""
    told = _steps_of_many(view, held)
    return [without_reasons(steps) for steps in told] if view.access.scope is Scope.OWN else told


def _steps_of_many(view: View, held: Sequence[Versioned[AnyOrder]]) -> list[tuple[Step, ...]]:
    by_order = view.payments.of_orders([one.value.terms.id for one in held], limit=MOST_ON_A_PAGE)
    refunds = view.payments.refunds_of([one.value.id for payments in by_order.values() for one in payments])
    return [
        timeline(
            one.value,
            [PaymentTold(paid.value, refunds.get(paid.value.id, ())) for paid in by_order[one.value.terms.id]],
        )
        for one in held
    ]


def list_orders(view: View, asked: OrdersAsked) -> Page[Versioned[AnyOrder]]:
    """Raises `Forbidden` for those of somebody else, `Invalid` for a cursor of another question."""
    return read_page(asked, view.orders.page, customer_ref=view.access.owner(asked.customer_ref))
