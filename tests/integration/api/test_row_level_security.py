"""The second wall: what the database shows and takes when every WHERE is forgotten."""

from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest
from apiflask import APIFlask

from api.jobs.chain_audit import chain_all
from api.migrations.versions.r0030_registry_for_everybody import IN_CONTEXTS
from api.store.store import NO_TENANT, Store
from ops.clients import database_roles
from ops.settings import Settings
from tests.integration.api.people import people_of
from tests.integration.api.shops import Shop, imported_order, imported_product
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

#: Of all shops, and seen by none.
OF_THE_PLATFORM = ("rebuild_requests",)


def owned_tables(postgres: psycopg.Connection) -> list[str]:
    """Every table with a tenant."""
    rows = postgres.execute(
        "SELECT table_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name = 'tenant_id' ORDER BY 1"
    )
    return [name for (name,) in rows.fetchall()]


def visible(store: Store, tenant_id: UUID, table: str) -> int:
    with store.reading(tenant_id) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # type: ignore[index]


@pytest.fixture
def busy_shop(app: APIFlask, shop: Shop, postgres: psycopg.Connection, settings: Settings) -> Shop:
    """Something in every table."""
    text = {"locale": "en", "name": "C"}
    (category,) = shop.post("/v1/imports/categories", {"items": [{"external_id": "c", "translations": [text]}]}).json[
        "items"
    ]
    shop.call("PATCH", f"/v1/categories/{category['id']}", {"translations": [{**text, "slug": "another"}]})
    prices = [{"currency": "EUR", "amount_minor": 1}]
    product = imported_product("p", categories=["c"], tags=["t"], variants=[{"sku": "p", "prices": prices}])
    (made,) = shop.post("/v1/imports/products", {"items": [product]}).json["items"]
    title = {"locale": "en", "title": "P", "handle": "another"}
    shop.call("PATCH", f"/v1/products/{made['id']}", {"translations": [title]})
    chosen = {"translations": [{"locale": "en", "title": "Blue cheese"}], "product_ids": [made["id"]]}
    collection = shop.post("/v1/collections", chosen).json
    renamed = {"translations": [{"locale": "en", "title": "C", "handle": "another"}]}
    shop.call("PATCH", f"/v1/collections/{collection['id']}", renamed)
    page = shop.post("/v1/pages", chosen_page := {"translations": [{"locale": "en", "title": "Cheese we sold"}]}).json
    shop.post("/v1/pages", {**chosen_page, "parent_id": page["id"], "tags": ["help"]})
    shop.call("PATCH", f"/v1/pages/{page['id']}", renamed)
    shop.post("/v1/stock", {"sku": "p", "on_hand": 5})
    price_list = shop.post("/v1/price-lists", {"name": "Week 9", "currency": "EUR"}).json
    for amount in (1, 2):
        item = {"sku": "p", "amount_minor": amount}
        shop.call("PATCH", f"/v1/price-lists/{price_list['id']}/prices", {"items": [item]})
    shop.call("PATCH", f"/v1/price-lists/{price_list['id']}", {"priority": 1})
    shop.post("/v1/search/settings", {"stop_words": ["cheap"]})
    again = [{"id": shop.get(f"/v1/products/{made['id']}").json["variants"][0]["id"], "sku": "p"}]
    again[0] |= {"prices": [{**prices[0], "amount_minor": 2}]}
    shop.call("PATCH", f"/v1/products/{made['id']}", {"variants": again})
    (order,) = shop.post("/v1/imports/orders", {"items": [imported_order("o", "p")]}).json["items"]
    shop.post(f"/v1/orders/{order['id']}/ship", {"tracking_number": "PP-4711"})
    shop.post(f"/v1/orders/{order['id']}/refund", {"reason": "came late", "lines": [{"line_no": 1, "returned": 1}]})
    shop.post("/v1/stock", {"sku": "p", "on_hand": 10})
    placed = {"lines": [{"sku": "p", "quantity": 1}], "contact": {"name": "Anna"}}
    sold = shop.post("/v1/orders", placed, Idempotency_Key="k").json
    shop.post(f"/v1/orders/{sold['id']}/payments", {"token": "test_success"})
    shop.post(f"/v1/orders/{sold['id']}/refund", {"reason": "came late", "other_minor": 1})
    rate = {"country": "AT", "rate": 2000, "category_id": category["id"]}
    shop.call("PUT", "/v1/checkout/taxes", {"prices_include_tax": True, "rates": [rate]})
    names, flat = [{"locale": "en", "name": "By post"}], [{"currency": "EUR", "amount_minor": 490}]
    shop.call("PUT", "/v1/checkout/shipping", {"methods": [{"code": "post", "names": names, "prices": flat}]})
    lines = [{"sku": "p", "quantity": 1}]
    shop.post("/v1/carts", {"lines": lines}, role="anonymous")
    cart = shop.post("/v1/carts", {"lines": lines, "country": "AT"}).json
    shop.post("/v1/discounts", {"code": "SPRING", "kind": "percentage", "value": 1000})
    shop.call("PATCH", f"/v1/carts/{cart['id']}", {"shipping_method": "post", "discount_code": "spring"})
    assert shop.post(f"/v1/carts/{cart['id']}/checkout", {}).status_code == 201
    guests = {**placed, "contact": {"email": "anna@mail.example"}}
    assert shop.post("/v1/orders/guest", guests, role="anonymous").status_code == 201
    (dead_letter,) = postgres.execute(
        """
        INSERT INTO dead_letters (id, tenant_id, feed, topic, "partition", "offset", headers, committed_at, parked,
            event_type, error, reason, pattern, cause, attempts, first_failed_at, last_failed_at, state)
        VALUES (gen_random_uuid(), %s, 'sales', gen_random_uuid()::text, 0, 0, '[]', now(), false, 'order.paid', 'E',
            'r', 'r', 'c', 1, now(), now(), 'open') RETURNING id
        """,
        (shop.id,),
    ).fetchone()  # type: ignore[misc]  # it was just put in
    shop.post(f"/v1/dead-letters/{dead_letter}/discard", {"reason": "to have done something"})
    shop.post("/v1/service-tokens", {"name": "storefront", "kind": "search"})
    webhook = shop.post(
        "/v1/webhooks", {"url": "https://receiver.example/", "event_types": ["order.*"], "active": False}
    ).json
    shop.post(f"/v1/webhooks/{webhook['id']}/ping")
    postgres.execute(
        "INSERT INTO domain_claims (tenant_id, domain, proof, claimed_at) VALUES (%s, 'claimed.example', 'p', now())",
        (shop.id,),
    )
    (people,) = people_of(app, shop)
    role = shop.post("/v1/roles", {"name": "clerk", "grants": [{"resource": "orders", "actions": ["read"]}]}).json
    anna = people.invite("staff", role_ids=[role["id"]])
    people.signed_in(anna["email"])
    people.post("/v1/auth/reset", {"email": anna["email"], "shop": shop.tenant["slug"]})
    with database_roles.connect(settings, "scheduler") as connection:
        wait_until(
            lambda: chain_all(connection) >= 0 and is_chained(postgres, shop.id), 20, "its audit trail is chained"
        )
    return shop


def is_chained(postgres: psycopg.Connection, tenant_id: UUID) -> bool:
    return postgres.execute("SELECT FROM audit_chain WHERE tenant_id = %s LIMIT 1", (tenant_id,)).fetchone() is not None


def test_every_table_with_a_tenant_is_behind_the_wall(postgres: psycopg.Connection) -> None:
    walled = postgres.execute(
        "SELECT relname FROM pg_class"
        " WHERE relrowsecurity AND relforcerowsecurity AND relnamespace = 'public'::regnamespace"
    ).fetchall()

    assert set(owned_tables(postgres)) | {"tenants", *IN_CONTEXTS, *OF_THE_PLATFORM} == {name for (name,) in walled}


def test_a_shop_sees_its_own_and_nobody_elses(
    busy_shop: Shop, open_shop: Callable[..., Shop], store: Store, postgres: psycopg.Connection
) -> None:
    other = open_shop()
    for table in set(owned_tables(postgres)) - {"outbox", "tenant_domains"}:
        assert visible(store, busy_shop.id, table) > 0, table
        # That it was opened is in the platform's trail, and shown to it.
        assert visible(store, other.id, table) == (1 if table == "audit" else 0), table
        assert visible(store, NO_TENANT, table) == 0, table


def test_nobody_writes_into_another_shop(shop: Shop, open_shop: Callable[..., Shop], store: Store) -> None:
    other = open_shop()
    for statement in (
        "INSERT INTO orders (tenant_id, id, version, status, currency, tax_minor, shipping_minor, discount_minor,"
        " total_minor, placed_at) VALUES (%(other)s, %(other)s, 1, 'pending', 'EUR', 0, 0, 0, 0, now())",
        "INSERT INTO outbox (id, aggregatetype, aggregateid, type, payload, ce_time, tenant_id, aggregate_version,"
        " correlation_id, actor_id, schema_version, traceparent)"
        " VALUES (%(other)s, '', '', '', '', '', %(other)s::text, '', '', '', '', '')",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), store.reading(shop.id) as connection:
            connection.execute(statement, {"other": other.id})


def test_what_has_left_is_read_and_changed_by_nobody(shop: Shop, store: Store) -> None:
    for statement in ("SELECT FROM outbox", "UPDATE outbox SET type = ''", "DELETE FROM outbox"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), store.reading(shop.id) as connection:
            connection.execute(statement)


def test_another_shops_id_is_not_there(busy_shop: Shop, open_shop: Callable[..., Shop]) -> None:
    other = open_shop()
    product = busy_shop.get("/v1/products").json["items"][0]["id"]
    order = busy_shop.get("/v1/orders").json["items"][0]["id"]

    assert other.get(f"/v1/products/{product}").status_code == 404
    assert other.call("PATCH", f"/v1/products/{product}", {"brand": "X"}).status_code == 404
    assert other.post(f"/v1/orders/{order}/confirm").status_code == 404
    assert other.post("/v1/orders", {"lines": [{"sku": "p", "quantity": 1}]}).status_code == 422
