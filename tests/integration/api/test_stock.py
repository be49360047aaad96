"""Stock through the API: counted, corrected, moved; reserved by orders, released, shipped, expired."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from api.jobs import expire_orders
from api.store.store import Store
from api.wsgi import now
from ops.settings import Settings
from tests.integration.api.outbox import left
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers


def sku_of(product: dict[str, Any]) -> str:
    return str(product["variants"][0]["sku"])


def counted(shop: Shop, on_hand: int, **different: Any) -> dict[str, Any]:
    """The stock of a new product."""
    made = shop.post("/v1/stock", {"sku": sku_of(shop.product()), "on_hand": on_hand, **different})
    assert made.status_code == 201, made.text
    return dict(made.json)


def order(shop: Shop, sku: str, quantity: int) -> Any:
    return shop.post("/v1/orders", {"lines": [{"sku": sku, "quantity": quantity}]})


def there(shop: Shop, stock: dict[str, Any]) -> tuple[int, int]:
    found = shop.get(f"/v1/stock/{stock['id']}").json
    return found["on_hand"], found["reserved"]


def told(postgres: psycopg.Connection, shop: Shop, stock: dict[str, Any]) -> list[str]:
    return [one.type.removeprefix("stock.") for one in left(postgres, shop.id, stock["id"])]


def test_an_order_reserves_and_cancelling_releases(shop: Shop, postgres: psycopg.Connection) -> None:
    stock = counted(shop, 10, low_threshold=7)

    placed = order(shop, stock["sku"], 4).json
    while_placed = there(shop, stock)
    shop.post(f"/v1/orders/{placed['id']}/cancel", {"reason": "changed my mind"})

    assert (while_placed, there(shop, stock)) == ((10, 4), (10, 0))
    assert told(postgres, shop, stock) == ["adjusted", "reserved", "low", "released", "replenished"]
    events = left(postgres, shop.id, stock["id"])
    assert [one.version for one in events] == [1, 2, 3, 4, 5]
    assert (str(events[1].event.order_id), events[1].event.quantity, events[1].event.stock.reserved) == (
        placed["id"],
        4,
        4,
    )


def test_what_is_short_is_named_line_by_line_and_nothing_of_the_order_is_left(shop: Shop) -> None:
    few, enough = counted(shop, 3), counted(shop, 9)
    uncounted = sku_of(shop.product())
    lines = [(enough["sku"], 2), (few["sku"], 2), (uncounted, 1000), (few["sku"], 2)]

    answer = shop.post("/v1/orders", {"lines": [{"sku": sku, "quantity": number} for sku, number in lines]})

    told = answer.get_json(force=True)
    assert (answer.status_code, told["code"]) == (409, "out_of_stock")
    assert [(one["field"], one["code"]) for one in told["errors"]] == [
        ("lines.1.quantity", "short"),
        ("lines.3.quantity", "short"),
    ]
    assert "3 available, 4 wanted" in told["errors"][0]["message"]
    assert shop.get("/v1/orders").json["items"] == []
    assert (there(shop, few), there(shop, enough)) == ((3, 0), (9, 0))


def test_of_two_hundred_orders_at_once_for_the_last_ten_exactly_ten_are_placed(
    shop: Shop, postgres: psycopg.Connection
) -> None:
    stock = counted(shop, 10)

    with ThreadPoolExecutor(16) as threads:
        statuses = Counter(threads.map(lambda _: order(shop, stock["sku"], 1).status_code, range(200)))

    assert statuses == {201: 10, 409: 190}
    assert there(shop, stock) == (10, 10)
    assert Counter(told(postgres, shop, stock)) == {"adjusted": 1, "reserved": 10}
    assert len(shop.get("/v1/orders?limit=200").json["items"]) == 10


def test_orders_that_want_the_same_in_another_order_do_not_block_each_other(shop: Shop) -> None:
    first, second = counted(shop, 100), counted(shop, 100)

    def both(number: int) -> int:
        skus = (first["sku"], second["sku"])
        lines = [{"sku": sku, "quantity": 1} for sku in (skus if number % 2 else skus[::-1])]
        return shop.post("/v1/orders", {"lines": lines}).status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(both, range(60)))

    assert set(statuses) == {201}
    assert (there(shop, first), there(shop, second)) == ((100, 60), (100, 60))


def test_with_backorders_more_is_sold_than_there_is_and_not_taken_back(shop: Shop) -> None:
    stock = counted(shop, 1, backorder=True)

    placed = order(shop, stock["sku"], 5)
    off = shop.call("PATCH", f"/v1/stock/{stock['id']}", {"backorder": False})

    assert placed.status_code == 201
    assert shop.get(f"/v1/stock/{stock['id']}").json["available"] == -4
    assert (off.status_code, off.get_json(force=True)["code"]) == (409, "out_of_stock")


def test_stock_is_counted_corrected_and_listed_by_low(shop: Shop, postgres: psycopg.Connection) -> None:
    stock, plenty = counted(shop, 10, low_threshold=5), counted(shop, 10, low_threshold=5)
    here = f"/v1/stock/{stock['id']}"

    adjusted = shop.post(f"{here}/adjust", {"delta": -2, "reason": "broken"}, If_Match='"1"')
    stale = shop.post(f"{here}/adjust", {"delta": -2, "reason": "broken"}, If_Match='"1"')
    recounted = shop.post(f"{here}/count", {"on_hand": 5}).json
    same = shop.post(f"{here}/count", {"on_hand": 5}).json
    once = [shop.post(f"{here}/adjust", {"delta": 1, "reason": "x"}, Idempotency_Key="k").json for _ in range(2)]
    below = shop.post(f"{here}/adjust", {"delta": -7, "reason": "too many"})
    again = shop.post("/v1/stock", {"sku": stock["sku"]})

    assert (adjusted.json["on_hand"], adjusted.headers["ETag"], stale.status_code) == (8, '"2"', 412)
    assert (recounted["low"], same["version"], once[0]) == (True, recounted["version"], once[1])
    assert (below.status_code, again.status_code) == (422, 409)
    assert shop.get("/v1/stock?low=true").json["items"] == []
    shop.post(f"{here}/count", {"on_hand": 2})
    assert [one["id"] for one in shop.get("/v1/stock?low=true").json["items"]] == [stock["id"]]
    assert [one["id"] for one in shop.get("/v1/stock?low=false").json["items"]] == [plenty["id"]]
    assert told(postgres, shop, stock) == [
        *("adjusted", "adjusted", "adjusted", "low"),
        *("adjusted", "replenished", "adjusted", "low"),
    ]
    reasons = [one.event.reason for one in left(postgres, shop.id, stock["id"]) if one.type == "stock.adjusted"]
    assert reasons == ["first count", "broken", "count", "x", "count"]


def test_goods_move_between_locations_and_orders_take_from_the_first(shop: Shop, postgres: psycopg.Connection) -> None:
    stock = counted(shop, 10)
    attic = shop.post("/v1/locations", {"name": "Attic", "position": 1}).json

    moved = shop.post(f"/v1/stock/{stock['id']}/transfer", {"to_location_id": attic["id"], "quantity": 6}).json
    too_many = shop.post(f"/v1/stock/{stock['id']}/transfer", {"to_location_id": attic["id"], "quantity": 5})
    order(shop, stock["sku"], 5)

    assert (moved["on_hand"], moved["to"]["on_hand"], too_many.status_code) == (4, 6, 409)
    assert (there(shop, stock), there(shop, moved["to"])) == ((4, 4), (6, 1))
    found = shop.get(f"/v1/stock/variants/{stock['variant_id']}").json
    assert (found["tracked"], found["in_stock"], found["total"]["available"]) == (True, True, 5)
    assert [one["location_id"] for one in found["locations"]] == [stock["location_id"], attic["id"]]
    transfers = {
        one.event.transfer_id
        for one in left(postgres, shop.id)
        if one.type == "stock.adjusted" and one.event.reason == "transfer" and one.event.delta
    }
    assert len(transfers) == 1
    names = [(one["name"], one["is_default"]) for one in shop.get("/v1/locations").json["items"]]
    assert names == [("Shop", True), ("Attic", False)]


def test_counts_are_imported_each_with_its_own_outcome(shop: Shop) -> None:
    skus = [sku_of(shop.product()) for _ in range(3)]
    shop.post("/v1/locations", {"name": "Main"})
    items = [
        {"sku": skus[0], "on_hand": 5},
        {"sku": skus[1], "on_hand": 7, "location": "Main", "low_threshold": 8},
        {"sku": skus[0], "on_hand": 6},
        {"sku": "NOTHING", "on_hand": 1},
        {"sku": skus[2], "on_hand": 1, "location": "Nowhere"},
        {"sku": skus[2], "on_hand": -1},
    ]

    first = shop.post("/v1/imports/stock", {"items": items}).json
    lines = "\n".join(json.dumps(one) for one in (items[0], items[1] | {"on_hand": 8}))
    as_lines = {**shop.headers("admin"), "Content-Type": "application/x-ndjson"}
    again = shop.client.post("/v1/imports/stock/lines", data=lines.encode(), headers=as_lines).text.splitlines()

    assert [one["outcome"] for one in first["items"]] == ["created", "created", *["refused"] * 4]
    assert [json.loads(one)["outcome"] for one in again] == ["unchanged", "updated"]
    assert sum(one["on_hand"] for one in shop.get("/v1/stock").json["items"]) == 13


def test_stock_ends_and_goes_with_its_variant(shop: Shop, postgres: psycopg.Connection) -> None:
    product = shop.product(variants=[{"sku": sku, "prices": []} for sku in ("A-1", "A-2", "A-3")])
    first, second, third = (shop.post("/v1/stock", {"sku": sku, "on_hand": 1}).json for sku in ("A-1", "A-2", "A-3"))

    ended = shop.call("DELETE", f"/v1/stock/{first['id']}")
    shop.call("PATCH", f"/v1/products/{product['id']}", {"variants": [{"sku": "A-3"}]})
    after_change = [one["id"] for one in shop.get("/v1/stock").json["items"]]
    shop.post(f"/v1/products/{product['id']}/unpublish")
    deleted = shop.call("DELETE", f"/v1/products/{product['id']}")

    assert (ended.status_code, deleted.status_code) == (200, 200)
    assert after_change == [third["id"]]
    assert shop.get("/v1/stock").json["items"] == []
    assert {told(postgres, shop, one)[-1] for one in (first, second, third)} == {"deleted"}


@pytest.fixture
def scheduler(settings: Settings) -> Iterator[Store]:
    """As the scheduler has it, with a role of its own."""
    made = Store(settings.postgres_scheduler_url, connections=1, clock=now, duty="scheduler")
    made.open()
    yield made
    made.close()


def test_what_nobody_pays_for_in_time_is_cancelled_and_free_again(
    shop: Shop, scheduler: Store, postgres: psycopg.Connection
) -> None:
    stock = counted(shop, 10)
    unpaid, confirmed, paid = (order(shop, stock["sku"], 2).json["id"] for _ in range(3))
    for one in (confirmed, paid):
        shop.post(f"/v1/orders/{one}/confirm")
    shop.post(f"/v1/orders/{paid}/pay", {"payment_id": "p1"})

    expire_orders.expire_all(scheduler, now() - timedelta(hours=1))
    too_early = there(shop, stock)
    expire_orders.expire_all(scheduler, now() + timedelta(seconds=1))
    expire_orders.expire_all(scheduler, now() + timedelta(seconds=1))

    assert (too_early, there(shop, stock)) == ((10, 6), (10, 2))
    found = {one: shop.get(f"/v1/orders/{one}").json for one in (unpaid, confirmed, paid)}
    assert [found[one]["status"] for one in (unpaid, confirmed, paid)] == ["cancelled", "cancelled", "paid"]
    assert found[unpaid]["cancel_reason"] == "expired"
    assert [one.type for one in left(postgres, shop.id, unpaid)] == ["order.placed", "order.cancelled"]


def test_shipping_takes_what_was_promised_parcel_by_parcel(shop: Shop, postgres: psycopg.Connection) -> None:
    stock = counted(shop, 10)
    here = f"/v1/orders/{order(shop, stock['sku'], 4).json['id']}"
    shop.post(f"{here}/confirm")
    shop.post(f"{here}/pay", {"payment_id": "p1"})

    def ship(body: dict[str, Any]) -> tuple[int, int]:
        shop.post(f"{here}/ship", body)
        return there(shop, stock)

    assert [ship({"lines": [{"line_no": 1, "quantity": 1}]}), ship({}), ship({})] == [(9, 3), (6, 0), (6, 0)]
    assert told(postgres, shop, stock) == ["adjusted", "reserved", "shipped", "shipped"]


@pytest.mark.parametrize(
    "change",
    ["on_hand = 1", "reserved = -1", "reserved = 11", "on_hand = -1", "incoming = -1", "low_threshold = -1"],
)
def test_stock_that_breaks_a_rule_is_not_stored(shop: Shop, postgres: psycopg.Connection, change: str) -> None:
    stock = counted(shop, 10)
    order(shop, stock["sku"], 2)

    with pytest.raises(psycopg.errors.CheckViolation):
        postgres.execute(f"UPDATE stock SET {change} WHERE id = %s", (stock["id"],))  # type: ignore[arg-type]


def test_stock_is_paged_without_gaps_or_doubles(shop: Shop) -> None:
    for _ in range(3):
        counted(shop, 1)

    first = shop.get("/v1/stock?limit=2").json
    second = shop.get(f"/v1/stock?limit=2&cursor={first['next_cursor']}").json

    assert [len(first["items"]), len(second["items"]), second["next_cursor"]] == [2, 1, None]
    assert len({one["id"] for one in first["items"] + second["items"]}) == 3
