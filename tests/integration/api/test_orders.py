from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.integration.api.outbox import left
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers


def sku_of(product: dict[str, object]) -> str:
    return str(product["variants"][0]["sku"])  # type: ignore[index]  # JSON


def test_an_order_goes_from_placed_to_cancelled(shop: Shop, postgres: psycopg.Connection) -> None:
    placed = shop.order(sku_of(shop.product()), customer_ref="household-1")
    here = f"/v1/orders/{placed['id']}"

    shop.post(f"{here}/confirm")
    shop.post(f"{here}/pay", {"payment_id": "p1"})
    cancelled = shop.post(f"{here}/cancel", {"reason": "returned"}).json

    assert (placed["total_minor"], cancelled["refund_minor"], cancelled["status"]) == (300, 300, "cancelled")
    told = left(postgres, shop.id, placed["id"])
    assert [(one.type, one.version) for one in told] == [
        ("order.placed", 1),
        ("order.confirmed", 2),
        ("order.paid", 3),
        ("order.cancelled", 4),
    ]
    assert told[-1].event.reason == "returned"
    assert told[-1].event.order.payment_id == "p1"
    assert shop.get(here).json | {"receipt": cancelled["receipt"]} == cancelled


def test_price_title_and_department_are_the_shops(shop: Shop) -> None:
    root = shop.post("/v1/categories", {"translations": [{"locale": "en", "name": "Dairy"}]}).json["id"]
    leaf = shop.post("/v1/categories", {"parent_id": root, "translations": [{"locale": "en", "name": "Cheese"}]}).json
    product = shop.product(category_ids=[leaf["id"]])

    line = shop.order(sku_of(product))["lines"][0]

    assert (line["title"], line["category"], line["unit_price_minor"]) == ("Blue cheese", "Dairy", 150)
    cheaper = {"lines": [{"sku": sku_of(product), "quantity": 1, "unit_price_minor": 1}]}
    assert shop.post("/v1/orders", cheaper).status_code == 422


def test_what_cannot_be_ordered_is_named(shop: Shop) -> None:
    draft, priceless = shop.product(published=False), shop.product(variants=[{"sku": "PRICELESS"}])
    lines = [{"sku": sku, "quantity": 1} for sku in ("NOTHING", sku_of(draft), sku_of(priceless))]

    answer = shop.post("/v1/orders", {"lines": lines})

    assert [(one["field"], one["code"]) for one in answer.get_json(force=True)["errors"]] == [
        ("lines.0.sku", "unknown_sku"),
        ("lines.1.sku", "not_on_sale"),
        ("lines.2.sku", "no_price"),
    ]


def test_illegal_steps_are_conflicts(shop: Shop) -> None:
    here = f"/v1/orders/{shop.order(sku_of(shop.product()))['id']}"

    too_early = shop.post(f"{here}/pay", {"payment_id": "p1"})
    shop.post(f"{here}/cancel", {"reason": "changed my mind"})
    too_late = shop.post(f"{here}/confirm")

    for answer in (too_early, too_late):
        assert (answer.status_code, answer.get_json(force=True)["code"]) == (409, "illegal_transition")


def test_of_many_payments_at_once_one_succeeds_and_one_event_leaves(shop: Shop, postgres: psycopg.Connection) -> None:
    order_id = shop.order(sku_of(shop.product()))["id"]
    shop.post(f"/v1/orders/{order_id}/confirm")

    def pay(number: int) -> int:
        return shop.post(f"/v1/orders/{order_id}/pay", {"payment_id": f"p{number}"}).status_code

    with ThreadPoolExecutor(16) as threads:
        statuses = list(threads.map(pay, range(50)))

    assert sorted(set(statuses)) == [200, 409]
    assert statuses.count(200) == 1
    assert [one.type for one in left(postgres, shop.id, order_id)].count("order.paid") == 1


def test_a_customer_sees_and_places_their_own_only(shop: Shop) -> None:
    sku = sku_of(shop.product())
    mine = shop.post("/v1/orders", {"lines": [{"sku": sku, "quantity": 1}]}, role="customer", actor="anna").json
    theirs = shop.order(sku, customer_ref="bert")

    assert mine["customer_ref"] == "anna"
    assert [one["id"] for one in shop.get("/v1/orders", role="customer", actor="anna").json["items"]] == [mine["id"]]
    assert shop.get(f"/v1/orders/{theirs['id']}", role="customer", actor="anna").status_code == 404
    assert shop.get("/v1/orders?customer_ref=bert", role="customer", actor="anna").status_code == 403
    assert len(shop.get("/v1/orders").json["items"]) == 2


def test_orders_are_listed_newest_first(shop: Shop) -> None:
    sku = sku_of(shop.product())
    placed = [shop.order(sku)["id"] for _ in range(3)]

    first = shop.get("/v1/orders?limit=2").json
    second = shop.get(f"/v1/orders?limit=2&cursor={first['next_cursor']}").json

    assert [order["id"] for order in first["items"] + second["items"]] == placed[::-1]
