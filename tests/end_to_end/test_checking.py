"""A check on the whole chain: it adds up on both sides, and what it found comes to the archive as an event."""

import json
from contextlib import closing
from datetime import UTC, datetime
from uuid import UUID

import duckdb
import pytest

from sinks.analytics import event_archive
from sinks.duckdb import snapshots
from sinks.opensearch.opensearch_client import OpenSearchStore, live_alias
from sinks.search.product_documents import MODEL
from tests.support.shops import open_shop, put_on_sale, sell
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chain

RECONCILED = {
    "orders_are_as_the_tables_have_them",
    "orders_are_not_refused",
    "orders_of_a_month_add_up_to_the_tables",
    "orders_of_a_month_rest_for_a_moment",
    "orders_are_what_the_archive_tells",
    "products_in_search_add_up_to_the_tables",
    "products_in_search_can_be_compared",
}


def checks_kept(stack, since):
    snapshot = snapshots.current(stack.settings.analytics_dir / event_archive.MODEL.id)
    if snapshot is None:
        return []
    with closing(duckdb.connect(snapshot.path, read_only=True)) as connection:
        return connection.execute(
            "SELECT tenant_id, model, snapshot, is_sound, passed FROM quality_checked WHERE checked_at >= ?", [since]
        ).fetchall()


def test_what_was_sold_is_reconciled_and_the_check_is_told(stack):
    shop = open_shop(stack)
    put_on_sale(shop, "Tomatoes", amount_minor=250)
    sold = [sell(shop) for _ in range(3)]
    shop.get("/v1/analytics/sales", after=[one["receipt"] for one in sold], wait=30)
    tenant_id, since = shop.get("/v1/shop")["id"], datetime.now(UTC)

    done = stack.rustok("sinks", "check", "sales", "--reconcile", "--json", check=False)

    assert done.returncode in (0, 1), done.stderr
    (found,) = json.loads(done.stdout)
    results = {one["expectation"]: one for one in found["results"]}
    assert results.keys() >= RECONCILED
    told = [one for name in RECONCILED for one in results[name]["examples"] if one["tenant_id"] == tenant_id]
    assert told == []
    kept = (UUID(int=0), "sales", found["snapshot"], found["is_sound"], found["passed"])
    wait_until(lambda: kept in checks_kept(stack, since), 60, "the archive has this check, beside the scheduler's")


def in_search(stack):
    """What the check finds of search, by expectation."""
    done = stack.rustok("sinks", "check", "sales", "--reconcile", "--json", check=False)
    assert done.returncode in (0, 1), done.stderr
    (found,) = json.loads(done.stdout)
    return {
        one["expectation"].removeprefix("products_in_search_"): one
        for one in found["results"]
        if one["expectation"].startswith("products_in_search_")
    }


def is_shown(store, index, product_id, tenant_id):
    found = store.get(index, product_id, tenant_id)
    return found is not None and found["_source"]["shown"]


def test_a_product_that_search_does_not_show_is_told_with_its_shop(stack):
    shop = open_shop(stack)
    product = put_on_sale(shop, "Tomatoes", amount_minor=250)
    put_on_sale(shop, "Milk", sku="MILK", amount_minor=100)
    tenant_id = shop.get("/v1/shop")["id"]
    with closing(OpenSearchStore(stack.settings.opensearch)) as store:
        index = live_alias(MODEL, "products")
        wait_until(lambda: is_shown(store, index, product["id"], tenant_id), 60, "search shows it")
        store.client.update(
            index=index,
            id=product["id"],
            body={"doc": {"shown": False}},
            params={"routing": tenant_id, "refresh": "true"},
        )

    told = in_search(stack)["add_up_to_the_tables"]
    stack.rustok("sinks", "verify", "product-search", "--full", "--repair", check=False)

    assert told["outcome"] == "failed"
    assert {
        "tenant_id": tenant_id,
        "currency": "EUR",
        "is": "products 1, in PostgreSQL 2; variants 1, in PostgreSQL 2; lowest_minor 100, in PostgreSQL 350",
    } in told["examples"]


def test_where_opensearch_is_away_that_is_said_and_nothing_of_its_products(stack):
    away = Stack(stack.settings, {"RUSTOK_OPENSEARCH_URL": "http://127.0.0.1:9"})

    told = in_search(away)

    assert told.keys() == {"can_be_compared"}
    assert told["can_be_compared"]["outcome"] == "warned"
    assert "OpenSearch" in told["can_be_compared"]["error"]
