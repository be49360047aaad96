"""What a job, an import or another door does: commands and queries as functions, without any HTTP."""

from collections.abc import Callable
from time import monotonic
from uuid import UUID

import psycopg
import pytest
from uuid_utils.compat import uuid7

from api.domain.changes import Expected
from api.domain.errors import Forbidden, Invalid, NotFound, VersionMismatch
from api.domain.permissions import Role, scope_of
from api.domain.scope import Access, Actor
from api.http.tenant_cache import StoredTenants
from api.store.outbox import Cause
from api.store.store import Store
from api.use_cases.orders.commands import NewOrder, OrdersAsked, Payment
from api.use_cases.orders.move_order import confirm_order, pay_order
from api.use_cases.orders.place_order import place_order
from api.use_cases.orders.read_orders import get_order, list_orders
from api.use_cases.products.commands import ProductsAsked
from api.use_cases.products.read_products import get_product, list_products
from tests.integration.api.outbox import left
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers


def access(shop: Shop, store: Store, role: Role, permission: str, actor_id: str = "anna") -> Access:
    actor = Actor(tenant_id=shop.id, tenant_slug=shop.tenant["slug"], actor_id=actor_id, role=role)
    scope = scope_of(role, permission)
    assert scope is not None
    tenant = StoredTenants(store, monotonic).by_id(shop.id)
    return Access(actor=actor, resource=permission.partition(":")[0], scope=scope, tenant=tenant)


def cause() -> Cause:
    return Cause(actor_id="anna", request_id=uuid7(), correlation_id="a job", traceparent="t")


def test_an_order_placed_without_http_is_an_order(shop: Shop, store: Store, postgres: psycopg.Connection) -> None:
    sku = shop.product()["variants"][0]["sku"]
    command = NewOrder.model_validate({"lines": [{"sku": sku, "quantity": 2}]})
    by = access(shop, store, Role.CUSTOMER, "orders:create")

    placed = store.carry_out(by, cause(), lambda work: place_order(work, command))

    shown = shop.get(f"/v1/orders/{placed.value.terms.id}").json
    assert (shown["version"], shown["total_minor"], shown["customer_ref"]) == (1, 300, "anna")
    (event,) = left(postgres, shop.id, str(placed.value.terms.id))
    assert (event.row["type"], event.row["correlation_id"]) == ("order.placed", "a job")


@pytest.mark.parametrize(("role", "of_a_draft"), [(Role.CUSTOMER, "unknown_sku"), (Role.ADMIN, "not_on_sale")])
def test_every_line_that_cannot_be_ordered_is_named(shop: Shop, store: Store, role: Role, of_a_draft: str) -> None:
    draft = shop.product(published=False)["variants"][0]["sku"]
    command = NewOrder.model_validate({"lines": [{"sku": "nothing", "quantity": 1}, {"sku": draft, "quantity": 1}]})
    by = access(shop, store, role, "orders:create")

    with pytest.raises(Invalid) as refused:
        store.carry_out(by, cause(), lambda work: place_order(work, command))

    assert [(one.field, one.code) for one in refused.value.errors] == [
        ("lines.0.sku", "unknown_sku"),
        ("lines.1.sku", of_a_draft),
    ]


def test_the_scope_that_came_with_the_actor_decides_what_is_there(shop: Shop, store: Store) -> None:
    sku = shop.product()["variants"][0]["sku"]
    body = {"lines": [{"sku": sku, "quantity": 1}]}
    annas = shop.post("/v1/orders", body, role="customer", actor="anna").json["id"]
    berts = shop.post("/v1/orders", body, role="customer", actor="bert").json["id"]
    shop.product(published=False)

    with store.view(access(shop, store, Role.CUSTOMER, "orders:list")) as view:
        seen = [str(held.value.terms.id) for held in list_orders(view, OrdersAsked()).items]
        with pytest.raises(Forbidden):
            list_orders(view, OrdersAsked(customer_ref="bert"))
        with pytest.raises(NotFound):
            get_order(view, UUID(berts))
    with store.view(access(shop, store, Role.MANAGER, "orders:list")) as view:
        all_seen = {str(held.value.terms.id) for held in list_orders(view, OrdersAsked()).items}
    with store.view(access(shop, store, Role.CUSTOMER, "products:list")) as view:
        products = list_products(view, ProductsAsked())
        drafts = list_products(view, ProductsAsked(status="draft"))

    assert (seen, all_seen) == ([annas], {annas, berts})
    assert [held.value.status for held in products.items] == ["active"]
    assert drafts.items == []


def test_nothing_of_another_shop_is_there(shop: Shop, open_shop: Callable[..., Shop], store: Store) -> None:
    product, other_shop = UUID(shop.product()["id"]), open_shop()

    with (
        store.view(access(other_shop, store, Role.ADMIN, "products:read")) as view,
        pytest.raises(NotFound),
    ):
        get_product(view, product)


def test_a_command_can_be_meant_for_one_version(shop: Shop, store: Store) -> None:
    sku = shop.product()["variants"][0]["sku"]
    by = access(shop, store, Role.ADMIN, "orders:update")
    command = NewOrder.model_validate({"lines": [{"sku": sku, "quantity": 1}]})
    order_id = store.carry_out(by, cause(), lambda work: place_order(work, command)).value.terms.id
    store.carry_out(by, cause(), lambda work: confirm_order(work, order_id, Expected(frozenset({"1"}))))

    with pytest.raises(VersionMismatch):
        store.carry_out(
            by,
            cause(),
            lambda work: pay_order(work, order_id, Payment(payment_id="p"), Expected(frozenset({"1"}))),
        )
