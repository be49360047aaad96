"""A shop that is erased is gone from every table, and what is said of it tells nothing; only its slug stays taken."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace

import psycopg
import pytest
from apiflask import APIFlask
from psycopg import sql

from api.jobs.erase_tenants import erase_all
from api.store.store import Store
from api.wsgi import now
from ops.settings import Settings
from schemas.aggregates import AGGREGATES
from sinks.analytics.sales_facts import order_facts
from sinks.search.product_documents import category_document, price_part, product_document, stock_part
from tests.integration.api.outbox import left
from tests.integration.api.shops import Shop, imported_order, imported_product
from tests.integration.api.test_row_level_security import busy_shop, owned_tables
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers
__all__ = ["busy_shop"]

SECRETS = (
    "household-1",
    "Blue cheese",
    "Cheese we sold",
    "SKU",
    "shop.example",
    "p1",
    "claimed",
    "PP-4711",
    "came late",
    "test_success",
)
#: What was told, and who did what: without names.
STAYS = {"outbox", "audit", "audit_chain"}
FOLDS = {
    "order": order_facts,
    "product": product_document,
    "category": category_document,
    "stock": stock_part,
    "product_prices": price_part,
}


@pytest.fixture
def scheduler(settings: Settings) -> Iterator[Store]:
    """As the scheduler has it, with a role of its own."""
    made = Store(settings.postgres_scheduler_url, connections=1, clock=now, duty="scheduler")
    made.open()
    yield made
    made.close()


def erase(shop: Shop, scheduler: Store) -> None:
    asked = shop.for_platform("POST", f"/v1/tenants/{shop.id}/erase", {"slug": shop.tenant["slug"]})
    assert asked.status_code == 202, asked.text
    assert shop.id in erase_all(scheduler, now(), after=timedelta(0))


def rows_of(postgres: psycopg.Connection, shop: Shop) -> dict[str, int]:
    """What is left in each table."""
    counted = {}
    for table in set(owned_tables(postgres)) - STAYS:
        query = sql.SQL("SELECT count(*) FROM {} WHERE tenant_id = %s").format(sql.Identifier(table))
        (counted[table],) = postgres.execute(query, (shop.id,)).fetchone()
    for table in ("schema_versions", "registry_subjects", "registry_settings", "registry_changes"):
        query = sql.SQL("SELECT count(*) FROM {} WHERE context = %s").format(sql.Identifier(table))
        (counted[table],) = postgres.execute(query, (f".{shop.tenant['slug']}",)).fetchone()
    return counted


def test_nothing_of_an_erased_shop_is_left_but_its_slug(
    busy_shop: Shop, scheduler: Store, postgres: psycopg.Connection
) -> None:
    shop = busy_shop
    assert shop.post(f"/subjects/:.{shop.tenant['slug']}:mine/versions", {"schema": '"string"'}).status_code == 200
    slug = shop.tenant["slug"]

    erase(shop, scheduler)

    assert {table: count for table, count in rows_of(postgres, shop).items() if count} == {}
    (kept,) = postgres.execute("SELECT to_jsonb(t) FROM tenants t WHERE id = %s", (shop.id,)).fetchone()
    assert kept["name"] == kept["slug"] == slug
    assert (kept["locales"], kept["modules"], kept["active"]) == (["en"], [], False)
    assert shop.for_platform("GET", f"/v1/tenants/{slug}").status_code == 404
    taken = shop.for_platform("POST", "/v1/tenants", {"slug": slug, "name": "Somebody else"})
    assert (taken.status_code, taken.get_json(force=True)["code"]) == (409, "taken")
    assert shop.get("/v1/products").status_code in (401, 403)


def test_what_is_said_last_of_everything_is_that_it_is_gone_and_nothing_more(
    busy_shop: Shop, scheduler: Store, postgres: psycopg.Connection
) -> None:
    erase(busy_shop, scheduler)

    newest = {one.aggregate_id: one for one in left(postgres, busy_shop.id)}
    of_state = {f"{row.name}.deleted" for row in AGGREGATES if row.has_state}
    gone = [one for one in newest.values() if f"{one.type.partition('.')[0]}.deleted" in of_state]
    assert {one.type for one in gone} == of_state
    for one in gone:
        assert not [secret for secret in SECRETS if secret in repr(one.event)]
        fold = FOLDS.get(one.type.partition(".")[0])
        about = SimpleNamespace(tenant_id=busy_shop.id, order=one.version, correlation_id="")
        assert fold is None or fold(about, one.event).document is None


def test_a_shop_is_named_to_be_erased_and_does_not_come_back(shop: Shop, scheduler: Store) -> None:
    path = f"/v1/tenants/{shop.id}"
    another = shop.for_platform("POST", f"{path}/erase", {"slug": "another"})
    asked = shop.for_platform("POST", f"{path}/erase", {"slug": shop.tenant["slug"]})
    again = shop.for_platform("POST", f"{path}/erase", {"slug": shop.tenant["slug"]})

    assert (another.status_code, asked.status_code, again.status_code) == (422, 202, 202)
    assert asked.json["active"] is False
    assert shop.for_platform("POST", f"{path}/reactivate").status_code == 409
    assert shop.id not in erase_all(scheduler, now())  # not before every worker knows that it is closed


KILLED = """
import sys
from datetime import timedelta
from uuid import UUID
from api.jobs.erase_tenants import erase_tenant
from api.store.store import Store
from api.wsgi import now
from ops.settings import Settings
from ops.settings import Settings

store = Store(Settings().postgres_scheduler_url, connections=1, clock=now)
store.open()
erase_tenant(store, UUID(sys.argv[1]), now(), batch=1)
"""


def test_an_erasure_that_was_killed_goes_on(
    shop: Shop, scheduler: Store, postgres: psycopg.Connection, servers: Stack
) -> None:
    shop.post("/v1/imports/products", {"items": [imported_product(f"p{n}") for n in range(300)]})
    shop.post("/v1/imports/orders", {"items": [imported_order(f"o{n}", f"p{n}") for n in range(300)]})
    shop.for_platform("POST", f"/v1/tenants/{shop.id}/erase", {"slug": shop.tenant["slug"]})
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(shop.id)], env=servers.environment)
    wait_until(lambda: 0 < rows_of(postgres, shop)["orders"] < 300, 60, "some are gone")
    process.kill()
    process.wait()
    half = rows_of(postgres, shop)

    erase_all(scheduler, now(), after=timedelta(0))

    assert half["orders"] + half["products"] > 0
    assert sum(rows_of(postgres, shop).values()) == 0
    told = [one.aggregate_id for one in left(postgres, shop.id) if one.type.endswith(".deleted")]
    assert (len(told), len(set(told))) == (601, 601)


def test_erasing_one_shop_touches_no_other(
    open_shop: Callable[..., Shop], app: APIFlask, scheduler: Store, postgres: psycopg.Connection
) -> None:
    erased, other = open_shop(), open_shop()
    for each in (erased, other):
        each.order(each.product()["variants"][0]["sku"])
    before = rows_of(postgres, other)

    erase(erased, scheduler)

    assert rows_of(postgres, other) == before
    assert other.get("/v1/orders").json["items"]


def test_nobody_but_the_eraser_deletes_orders(shop: Shop, store: Store) -> None:
    shop.order(shop.product()["variants"][0]["sku"])

    with pytest.raises(psycopg.errors.InsufficientPrivilege), store.reading(shop.id) as connection:
        connection.execute("DELETE FROM orders WHERE tenant_id = %s", (shop.id,))
