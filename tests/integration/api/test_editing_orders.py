"""Orders that were made of a cart and get other lines: tax, shipping and discount follow, to the cent, in one step."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from sinks.analytics.sales_facts import order_facts
from tests.integration.api.outbox import left
from tests.integration.api.shops import Shop
from tests.integration.api.test_carts import HOME, cart_of, check_out, codes, in_stock, priced, sku_of, with_rules
from tests.support.counted_statements import counted_statements
from tests.support.examples import envelope
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

DUE = ("tax_minor", "shipping_minor", "discount_minor", "total_minor")
SENT = {"country": "AT", "shipping_method": "post"}


def code(shop: Shop, **different: Any) -> str:
    """The address of a code for a third of everything."""
    body = {"code": "THIRD", "kind": "percentage", "value": 3333, **different}
    made = shop.post("/v1/discounts", body)
    assert made.status_code == 201, made.text
    return f"/v1/discounts/{made.json['id']}"


def ordered(shop: Shop, *lines: tuple[str, int], named: str | None = "third") -> dict[str, Any]:
    cart = cart_of(shop, *lines)
    shop.call("PATCH", f"/v1/carts/{cart['id']}", {**SENT, "discount_code": named})
    order = check_out(shop, cart, {"shipping_address": HOME})
    assert order.status_code == 201, order.text
    return {**order.json, "cart": cart["id"]}


def edited(shop: Shop, order: dict[str, Any], *lines: tuple[str, int], **more: Any) -> Any:
    body = {"lines": [{"sku": sku, "quantity": number} for sku, number in lines], **more}
    return shop.call("PUT", f"/v1/orders/{order['id']}/lines", body)


def due(order: dict[str, Any]) -> list[int]:
    return [order[name] for name in DUE]


def uses(shop: Shop, code_at: str) -> int:
    return int(shop.get(code_at).json["uses"])


def test_an_edited_order_is_what_a_checkout_of_its_lines_would_be(shop: Shop, postgres: psycopg.Connection) -> None:
    with_rules(shop, included=False)
    stock, product = in_stock(shop, 20), shop.product()
    bread, cheese = stock["sku"], sku_of(product)
    code(shop)
    order = ordered(shop, (bread, 2))

    for lines in [((bread, 7), (cheese, 1)), ((cheese, 60), (bread, 1)), ((bread, 2),)]:
        priced(shop, product, 99 + len(lines))
        now_is = edited(shop, order, *lines)
        anew = ordered(shop, *lines)

        assert now_is.status_code == 200, now_is.text
        assert due(now_is.json) == due(anew)
        assert now_is.json["lines"] == anew["lines"]
        carts = [shop.get(f"/v1/carts/{one['cart']}").json for one in (order, anew)]
        assert [one["tax_included_minor"] for one in carts] == [0, 0]
        assert [(line["sku"], line["quantity"]) for line in carts[0]["lines"]] == list(lines)
        shop.post(f"/v1/orders/{anew['id']}/cancel", {"reason": "only to compare"})
        reserved = shop.get(f"/v1/stock/{stock['id']}").json["reserved"]
        assert reserved == sum(number for sku, number in lines if sku == bread)
        told = left(postgres, shop.id, order["id"])[-1]
        facts = order_facts(envelope(tenant_id=shop.id, aggregate_version=told.version), told.event).document
        assert facts is not None
        assert (told.type, due(facts)) == ("order.edited", due(now_is.json))
        assert [line["total_minor"] for line in facts["lines"]] == [
            line["total_minor"] for line in now_is.json["lines"]
        ]

    assert due(order) == due(now_is.json) == [40 + 98, 490, 100, 300 - 100 + 490 + 138]


def test_the_use_of_a_code_is_counted_once_and_stays_good_for_the_order(shop: Shop) -> None:
    with_rules(shop, included=True)
    sku = sku_of(shop.product())
    third = code(shop, most_uses=1, minimum_minor=300, currency="EUR")
    order = ordered(shop, (sku, 2))

    more = edited(shop, order, (sku, 4))
    shop.call("PATCH", third, {"active": False, "ends_at": "2020-01-01T00:00:00Z"})
    over = edited(shop, order, (sku, 3))
    small = edited(shop, order, (sku, 1))

    assert [due(one.json)[2:] for one in (more, over)] == [[200, 400 + 490], [150, 300 + 490]]
    assert (small.status_code, codes(small), uses(shop, third)) == (422, [("discount_code", "below_minimum")], 1)
    left_out = edited(shop, order, (sku, 1), keep_discount=False)
    assert (due(left_out.json)[2:], uses(shop, third)) == ([0, 150 + 490], 0)
    cart = shop.get(f"/v1/carts/{order['cart']}").json
    assert (cart["discount_code"], cart["tax_included_minor"]) == (None, 25 + 82)
    assert edited(shop, order, (sku, 2)).json["discount_minor"] == 0
    shop.post(f"/v1/orders/{order['id']}/cancel", {"reason": "none"})
    assert uses(shop, third) == 0


def test_what_keeps_it_from_being_ordered_is_named_and_changes_nothing(shop: Shop) -> None:
    with_rules(shop, included=False)
    stock = in_stock(shop, 3)
    third = code(shop)
    order = ordered(shop, (stock["sku"], 2))
    by_hand = shop.post("/v1/orders", {"lines": [{"sku": stock["sku"], "quantity": 1}]}).json

    answers = [
        edited(shop, order, (stock["sku"], 3), keep_discount=False),
        edited(shop, order, (stock["sku"], 1), shipping_method="pigeon"),
        edited(shop, order, (stock["sku"], 1), ("NOTHING", 1)),
        edited(shop, by_hand, (stock["sku"], 1), shipping_method="post"),
    ]

    assert [(one.status_code, codes(one)) for one in answers] == [
        (409, [("lines.0.quantity", "short")]),
        (422, [("shipping_method", "not_offered")]),
        (422, [("lines.1.sku", "unknown_sku")]),
        (422, [("shipping_method", "not_allowed")]),
    ]
    assert (due(shop.get(f"/v1/orders/{order['id']}").json), uses(shop, third)) == (due(order), 1)
    assert shop.get(f"/v1/stock/{stock['id']}").json["reserved"] == 3


def test_of_many_edits_and_cancellations_at_once_each_order_adds_up_and_no_use_is_lost(shop: Shop) -> None:
    with_rules(shop, included=False)
    stocks = [in_stock(shop, 10_000) for _ in range(2)]
    third = code(shop)
    orders = [ordered(shop, (stocks[0]["sku"], 1)) for _ in range(4)]

    def cancelled(order: dict[str, Any]) -> int:
        answer = shop.post(f"/v1/orders/{order['id']}/cancel", {"reason": "none"})
        return 200 if answer.status_code == 200 else 0

    def do(number: int) -> int:
        order = orders[number % 4]
        if number in (20, 29):
            # Who cancels what somebody edits at that moment is told so, and does it again.
            return wait_until(lambda: cancelled(order) or None, 10, "it is cancelled")
        lines = [(one["sku"], 1 + number % 5) for one in (stocks, stocks[::-1])[number // 4 % 2]]
        return int(edited(shop, order, *lines, keep_discount=number % 16 != 7).status_code)

    with ThreadPoolExecutor(8) as threads:
        statuses = Counter(threads.map(do, range(40)))

    now_are = [shop.get(f"/v1/orders/{one['id']}").json for one in orders]
    assert set(statuses) <= {200, 409}
    assert [one["status"] for one in now_are] == ["cancelled", "cancelled", "pending", "pending"]
    for one in now_are:
        tax, shipping, discount, total = due(one)
        assert total == sum(line["total_minor"] for line in one["lines"]) + tax + shipping - discount
    assert uses(shop, third) == sum(one["discount_minor"] > 0 for one in now_are[2:])
    reserved = {one["sku"]: one["reserved"] for one in shop.get("/v1/stock").json["items"]}
    wanted: Counter[str] = Counter()
    for one in now_are[2:]:
        wanted.update({line["sku"]: line["quantity"] for line in one["lines"]})
    assert reserved == {one["sku"]: wanted[one["sku"]] for one in stocks}


def test_editing_takes_as_many_statements_for_many_lines_as_for_one(shop: Shop) -> None:
    with_rules(shop, included=False)
    code(shop)
    prices = [{"currency": "EUR", "amount_minor": 100}]
    variants = [{"sku": f"E-{number}", "prices": prices} for number in range(100)]
    skus = [one["sku"] for one in shop.product(variants=variants)["variants"]]
    order = ordered(shop, (skus[0], 1))

    def taken(number: int) -> int:
        with counted_statements() as statements:
            assert edited(shop, order, *((sku, 1) for sku in skus[:number])).status_code == 200
        return statements()

    one, many = taken(2), taken(100)

    assert 0 < many <= one
