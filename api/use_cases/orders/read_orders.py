"""Shows orders: one, or a page of them, newest first."""

from uuid import UUID

from api.domain.changes import Versioned
from api.domain.orders import AnyOrder
from api.store.view import View
from api.use_cases.orders.commands import OrdersAsked
from api.use_cases.pages import Page, page_of
from api.use_cases.require_found import found


def get_order(view: View, order_id: UUID) -> Versioned[AnyOrder]:
    """Raises `NotFound`."""
    return found(view.orders.get, "order", order_id)


def list_orders(view: View, asked: OrdersAsked) -> Page[Versioned[AnyOrder]]:
    """Raises `Forbidden` for those of somebody else."""
    matching = view.orders.page(
        status=asked.status,
        customer_ref=view.access.owner(asked.customer_ref),
        before=asked.cursor,
        limit=asked.limit + 1,
    )
    return page_of(matching, asked.limit, lambda held: held.value.terms.id)
