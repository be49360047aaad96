"""Finds orders by what somebody has in hand: a number, a name, an address, what was bought, how it was sent or paid."""

from api.domain.changes import Versioned
from api.domain.orders import AnyOrder
from api.store import found_orders
from api.store.view import View
from api.use_cases.pages import Page
from api.use_cases.staff_search.commands import OrdersSearched
from api.use_cases.staff_search.found_pages import Found, page_of_found, page_of_list, require_few


def find_orders(
    view: View, asked: OrdersSearched, *, by_contacts: bool, by_payments: bool
) -> Page[Found[Versioned[AnyOrder]]]:
    """Raises `Forbidden` for those of somebody else, `Invalid` for too many words or a cursor of another question."""
    owner = view.access.owner(asked.customer_ref)
    if not asked.q:
        return page_of_list(asked, view.orders.page, customer_ref=owner)
    fields = (
        *found_orders.OF_ORDER,
        *(found_orders.OF_CONTACTS if by_contacts else ()),
        *(found_orders.OF_PAYMENTS if by_payments else ()),
    )
    sought = view.found_orders.read(asked.q, fields)
    require_few(sought)
    return page_of_found(
        asked,
        asked.q,
        lambda wanted: view.found_orders.find(sought, fields, wanted),
        view.orders.load,
        lambda ids: view.found_orders.matched(sought, fields, ids),
        customer_ref=owner,
    )
