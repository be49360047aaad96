"""Damage of every kind, done to the real stores while the chain runs: it is found, and repaired through the log."""

import json
from contextlib import closing
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from sinks.analytics import sales_facts
from sinks.opensearch.opensearch_client import OpenSearchStore, index_name
from sinks.search import product_documents
from tests.support.shops import open_shop, put_on_sale, sell
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chain

PRODUCTS = index_name(product_documents.MODEL, "products")
KINDS = ("missing", "extra", "stale", "different")
WELL = dict.fromkeys(KINDS, 0)


@pytest.fixture
def shop(stack):
    return open_shop(stack)


def verify(stack, shop, model, *arguments):
    done = stack.rustok("sinks", "verify", model, "--tenant", shop.slug, "--json", *arguments, check=False)
    assert done.returncode in (0, 1), done.stderr
    document = json.loads(done.stdout)
    return done.returncode, document, {kind: document[kind] for kind in KINDS}


def test_search_is_damaged_found_out_and_repaired(stack, shop):
    products = [put_on_sale(shop, f"Tomatoes {n}", sku=f"T-{n}") for n in range(5)]
    shop.get("/v1/search/products", after=[one["receipt"] for one in products])
    missing, stale, different, ahead, _ = (UUID(one["id"]) for one in products)
    extra = uuid4()
    with closing(OpenSearchStore(stack.settings.opensearch_url)) as store:
        readers = product_documents.MODEL.published(stack.settings)
        (tenant,) = {UUID(hit["_source"]["tenant_id"]) for hit in [store.get(PRODUCTS, str(missing))] if hit}
        held = readers.some("products", tenant, [stale, different, ahead])
        sink = product_documents.MODEL.sink(stack.settings)
        sink.open()
        readers.forget([replace(held[stale], id=missing), held[stale]])
        wrong = {**(held[different].document or {}), "price_min_minor": 1}
        damage = [
            replace(held[stale], version=1),
            replace(held[different], document=wrong),
            replace(held[ahead], version=held[ahead].version + 8),
            replace(held[stale], id=extra),
        ]
        sink.write(damage, {})
        store.refresh([PRODUCTS])

    code, document, found = verify(stack, shop, "product-search")
    reasons = {UUID(one["id"]): (one["kind"], one["reason"]) for one in document["examples"]}
    _, repaired, _ = verify(stack, shop, "product-search", "--repair")
    code_after, _, after = verify(stack, shop, "product-search", "--sample", "100")

    assert (code, found) == (1, {"missing": 1, "extra": 1, "stale": 1, "different": 2})
    assert reasons[different] == ("different", "other values in price_min_minor")
    assert reasons[ahead][0] == "different"
    assert [reasons[id_][0] for id_ in (missing, stale, extra)] == ["missing", "stale", "extra"]
    assert repaired["repaired"] == 5
    assert (code_after, after) == (0, WELL)
    assert shop.get("/v1/search/products")["total"] == 5


def test_sales_are_damaged_found_out_and_repaired(stack, shop):
    put_on_sale(shop, "Tomatoes", amount_minor=250)
    orders = [sell(shop) for _ in range(4)]
    before = shop.get("/v1/analytics/sales", after=[one["receipt"] for one in orders], wait=20)["totals"]
    missing, stale, different, ahead = (UUID(one["id"]) for one in orders)
    extra = uuid4()
    with stack.without("feed-sales"), closing(sales_facts.MODEL.sink(stack.settings)) as sink:
        sink.open()
        (tenant,) = {one.tenant_id for one in sink.scan("orders") if one.id == missing}
        held = {one.id: one for one in sink.scan("orders", tenant)}
        remove(sink, [missing, stale])
        cheaper = {**(held[different].document or {}), "lines": [], "total_minor": 0}
        damage = [
            replace(held[stale], version=1),
            replace(held[different], document=cheaper),
            replace(held[ahead], version=held[ahead].version + 8),
            replace(held[stale], id=extra),
        ]
        sink.write(damage, {})

    with closing(sales_facts.MODEL.published(stack.settings)) as readers:
        wait_until(lambda: readers.some("orders", tenant, [extra]), 30, "the damage is published")
    code, document, found = verify(stack, shop, "sales")
    _, repaired, _ = verify(stack, shop, "sales", "--repair")
    totals = shop.get("/v1/analytics/sales")["totals"]

    assert (code, found) == (1, {"missing": 1, "extra": 1, "stale": 1, "different": 2})
    assert {one["id"]: one["reason"] for one in document["examples"]}[str(different)] == (
        "other values in lines, total_minor"
    )
    assert (repaired["repaired"], repaired["examples"]) == (5, [])
    assert totals == before


def test_a_search_that_lost_everything_of_a_shop_is_whole_after_a_re_emission(stack, shop):
    products = [put_on_sale(shop, f"Pears {n}", sku=f"P-{n}") for n in range(12)]
    shop.get("/v1/search/products", after=[one["receipt"] for one in products])
    with closing(OpenSearchStore(stack.settings.opensearch_url)) as store:
        readers = product_documents.MODEL.published(stack.settings)
        hit = store.get(PRODUCTS, products[0]["id"])
        assert hit is not None
        readers.forget(list(readers.documents("products", UUID(hit["_source"]["tenant_id"]), None)))
    assert shop.get("/v1/search/products")["total"] == 0

    said = json.loads(stack.rustok("streams", "re-emit", "product", "--tenant", shop.slug, "--json").stdout)

    assert said["emitted"] == 12
    wait_until(lambda: shop.get("/v1/search/products")["total"] == 12, 20, "all of them are found again")
    assert verify(stack, shop, "product-search")[2] == WELL


def test_a_shop_that_is_being_written_to_gives_no_false_alarm(stack, shop):
    for n in range(10):
        put_on_sale(shop, f"Apples {n}", sku=f"A-{n}")
        sell(shop, sku=f"A-{n}")

    results = [verify(stack, shop, model) for model in ("product-search", "sales")]

    assert [(code, counts) for code, _, counts in results] == [(0, WELL)] * 2
    assert [document["checked"] for _, document, _ in results] == [10, 21]  # of sales: orders, products and the shop


def remove(sink, ids):
    for id_ in ids:
        for table, column in (("orders", "id"), ("order_lines", "order_id")):
            sink._run(f"DELETE FROM {table} WHERE {column} = ?", [id_])  # noqa: SLF001  # damage has no public way
