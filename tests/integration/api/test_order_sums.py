"""What orders add up to is asked of PostgreSQL as of one moment, and is what readers see of the same orders."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from api.reemit import order_sums
from api.store.store import NO_TENANT, Store
from ops.settings import Settings
from schemas.write_model import OrderSums, SumsOf, open_write_model
from sinks.analytics import sales_facts
from sinks.quality.reconciled_sums import SnapshotSums
from tests.integration.api.bi import sell_a_year
from tests.integration.api.shops import Shop, imported_order
from tests.support.snapshots_of_tables import publish_tables

pytestmark = pytest.mark.servers


def of(shop: Shop, sums: dict[SumsOf, OrderSums]) -> dict[SumsOf, OrderSums]:
    return {one: told for one, told in sums.items() if one.tenant_id == shop.id}


def test_both_add_up_to_the_same_but_for_what_is_left_out(settings: Settings, shop: Shop, tmp_path: Path) -> None:
    sell_a_year(shop)
    published = publish_tables(settings, tmp_path, [shop.id])
    as_of = sales_facts.MODEL.complete(published.freshness).as_of
    assert as_of is not None
    order = shop.get("/v1/orders").json["items"][0]
    with open_write_model(settings.postgres_url) as tables:
        for without in ([], [UUID(order["id"])]):
            told = of(shop, dict(tables.order_sums(without)))
            held = SnapshotSums(tmp_path).after(as_of.replace(year=2000), without)

            assert told == held
            assert sum(one.orders for one in told.values()) == 5 - len(without)
    assert {(one.month.isoformat(), one.currency) for one in held} <= {("2017-03-01", "EUR"), ("2017-03-01", "JPY")}


def test_what_is_committed_meanwhile_is_not_in_it(
    store: Store, shop: Shop, open_shop: Callable[..., Shop], postgres: psycopg.Connection
) -> None:
    sell_a_year(shop)
    with store.snapshot(NO_TENANT) as connection:
        before = order_sums.every(connection, [])
        shop.post("/v1/imports/orders", {"items": [imported_order("later", "p")]})
        another = open_shop()
        sell_a_year(another)

        assert order_sums.every(connection, []) == before
    with store.snapshot(NO_TENANT) as connection:
        after = order_sums.every(connection, [])
    assert sum(one.orders for one in of(shop, after).values()) == 6
    assert of(another, after)
