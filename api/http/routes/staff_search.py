"""Search for staff: orders and customers, in the database itself, as far as whoever asks reaches."""

from apiflask import APIBlueprint

from api.domain.changes import Versioned
from api.domain.orders import AnyOrder
from api.http import security
from api.http.bodies.staff_search import FoundCustomerAnswer, FoundCustomers, FoundOrderAnswer, FoundOrders
from api.http.dependencies import dependencies
from api.http.entity_answers import look_up
from api.http.security import requires
from api.store.view import View
from api.use_cases.pages import Page
from api.use_cases.staff_search import find_customers as finding_customers
from api.use_cases.staff_search import find_orders as finding_orders
from api.use_cases.staff_search.commands import CustomersSearched, OrdersSearched
from api.use_cases.staff_search.find_customers import Customer
from api.use_cases.staff_search.found_pages import Found
from schemas.row_conditions import EVERY_ROW

staff_search = APIBlueprint("staff_search", __name__, url_prefix="/v1/search", tag="Search")


@staff_search.get("/orders")
@requires("orders:list")
@staff_search.input(OrdersSearched, location="query")
@staff_search.output(FoundOrders)
def search_orders(query_data: OrdersSearched) -> FoundOrders:
    """Find orders by a number, a person, an address, an article, a parcel or a payment"""
    as_of = dependencies().clock()
    by_contacts, by_payments = (_reaches_as_far(one) for one in ("orders:contact", "payments:read"))

    def find(view: View) -> Page[Found[Versioned[AnyOrder]]]:
        return finding_orders.find_orders(view, query_data, by_contacts=by_contacts, by_payments=by_payments)

    page = look_up(find)
    items = [FoundOrderAnswer.of_found(one) for one in page.items]
    return FoundOrders(items=items, next_cursor=page.next_cursor, as_of=as_of)


@staff_search.get("/customers")
@requires("users:list")
@staff_search.input(CustomersSearched, location="query")
@staff_search.output(FoundCustomers)
def search_customers(query_data: CustomersSearched) -> FoundCustomers:
    """Find customers by address, name or telephone number, with what they ordered"""
    as_of = dependencies().clock()
    listing, knowing = security.reaching("orders:list"), security.reaching("orders:contact")

    def find(view: View) -> Page[Found[Customer]]:
        return finding_customers.find_customers(
            view,
            query_data,
            orders=None if listing is None else view.seen_by(listing),
            contacts=None if knowing is None else view.seen_by(knowing),
        )

    page = look_up(find)
    items = [FoundCustomerAnswer.of_found(one) for one in page.items]
    return FoundCustomers(items=items, next_cursor=page.next_cursor, as_of=as_of)


def _reaches_as_far(permission: str) -> bool:
    """Whether who asks has it for all orders that they may list: else what is found would tell them more."""
    access = security.reaching(permission)
    return access is not None and access.reached("orders") in (EVERY_ROW, security.access().reached("orders"))
