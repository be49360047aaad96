"""The write model as one access sees it, in one transaction: the tables of its shop, narrowed to what it reaches.

Names the tables of all aggregates, whose state can be read and emitted again.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain.scope import Access
from api.store import (
    categories,
    collections,
    orders,
    pages,
    payments,
    price_lists,
    products,
    schema_ids,
    search_settings,
    stock,
    tenants,
    told_prices,
    users,
    whole_tenant,
)
from api.store.audit import AuditRows
from api.store.carts import CartRows
from api.store.categories import CategoryRows
from api.store.collection_products import CollectionProducts
from api.store.collections import CollectionRows
from api.store.dead_letters import DeadLetterRows
from api.store.discounts import DiscountRows
from api.store.domain_claims import DomainClaimRows
from api.store.found_customers import FoundCustomerRows, OrderedRows
from api.store.found_orders import FoundOrderRows
from api.store.list_prices import ListPriceRows
from api.store.locations import LocationRows
from api.store.order_claims import ClaimRows
from api.store.order_contacts import ContactRows
from api.store.orders import OrderRows
from api.store.pages import PageRows
from api.store.payments import PaymentRows
from api.store.price_history import PriceHistory
from api.store.price_lists import PriceListRows
from api.store.products import ProductRows
from api.store.reservations import ReservationRows
from api.store.roles import RoleRows
from api.store.search_settings import SearchSettingRows
from api.store.service_tokens import ServiceTokenRows
from api.store.sessions import SessionRows
from api.store.shipping_methods import ShippingRows
from api.store.stock import StockRows
from api.store.tax_rates import TaxRows
from api.store.tenants import TenantRows
from api.store.told_prices import ToldPriceRows
from api.store.user_links import LinkRows
from api.store.users import UserRows
from api.store.webhooks import WebhookRows
from sinks.rebuild.request_rows import RequestRows

TABLES: Final = (
    tenants.TABLE,
    users.TABLE,
    categories.TABLE,
    products.TABLE,
    price_lists.TABLE,
    told_prices.TABLE,
    collections.TABLE,
    stock.TABLE,
    orders.TABLE,
    payments.TABLE,
    search_settings.TABLE,
    pages.TABLE,
)


class View:
    """Made by `Store.view`; valid until that block ends."""

    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID, access: Access) -> None:
        self._connection = connection
        self.tenant_id = tenant_id
        self.access = access
        self.tenants = TenantRows(connection)
        self.domain_claims = DomainClaimRows(connection, tenant_id)
        self.categories = CategoryRows(connection, tenant_id)
        self.products = ProductRows(connection, tenant_id, access.reached("products"))
        self.collections = CollectionRows(connection, tenant_id, access.reached("collections"))
        self.collection_products = CollectionProducts(connection, tenant_id, access.reached("products"))
        self.pages = PageRows(connection, tenant_id, access.reached("pages"))
        self.orders = OrderRows(connection, tenant_id, access.reached("orders"))
        self.found_orders = FoundOrderRows(connection, tenant_id, access.reached("orders"))
        self.ordered = OrderedRows(connection, tenant_id, access.reached("orders"))
        self.contacts = ContactRows(connection, tenant_id)
        self.claims = ClaimRows(connection, tenant_id)
        self.payments = PaymentRows(connection, tenant_id, access.reached("payments"))
        self.stock = StockRows(connection, tenant_id)
        self.price_lists = PriceListRows(connection, tenant_id)
        self.list_prices = ListPriceRows(connection, tenant_id)
        self.price_history = PriceHistory(connection, tenant_id)
        self.told_prices = ToldPriceRows(connection, tenant_id)
        self.locations = LocationRows(connection, tenant_id)
        self.reservations = ReservationRows(connection, tenant_id)
        self.carts = CartRows(connection, tenant_id)
        self.discounts = DiscountRows(connection, tenant_id)
        self.taxes = TaxRows(connection, tenant_id)
        self.shipping = ShippingRows(connection, tenant_id)
        self.dead_letters = DeadLetterRows(connection)
        self.service_tokens = ServiceTokenRows(connection, tenant_id)
        self.users = UserRows(connection, tenant_id)
        self.found_customers = FoundCustomerRows(connection, tenant_id)
        self.sessions = SessionRows(connection, tenant_id)
        self.user_links = LinkRows(connection, tenant_id)
        self.roles = RoleRows(connection, tenant_id)
        self.search_settings = SearchSettingRows(connection, tenant_id)
        self.webhooks = WebhookRows(connection, tenant_id)
        self.audit = AuditRows(connection)
        self.rebuild_requests = RequestRows(connection)

    def seen_by(self, access: Access) -> "View":
        """The same shop in the same transaction, as far as another access reaches."""
        return View(self._connection, self.tenant_id, access)

    def schema(self, schema_id: int) -> str | None:
        return schema_ids.content_of(self._connection, schema_id)

    def about_person(
        self, names: Sequence[str], emails: Sequence[str], account: UUID | None
    ) -> dict[str, list[whole_tenant.Row]]:
        """All that is there about somebody, by what it is."""
        return whole_tenant.of_a_person(self._connection, self.tenant_id, names, emails, account)
