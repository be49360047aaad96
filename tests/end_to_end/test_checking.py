"""A check on the whole chain: it adds up on both sides, and what it found comes to the archive as an event."""

import json
from contextlib import closing
from datetime import UTC, datetime
from uuid import UUID

import duckdb
import pytest

from sinks.analytics import event_archive
from sinks.duckdb import snapshots
from tests.support.shops import open_shop, put_on_sale, sell
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
