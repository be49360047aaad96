from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.integration.api.outbox import left
from tests.integration.api.shops import Shop, imported_order, imported_product, product_body

pytestmark = pytest.mark.servers


_LINE = {"sku": "p1", "quantity": 2, "unit_price_minor": 150, "adjustment_minor": -20}


def take_in(shop: Shop, kind: str, *items: Any) -> dict[str, Any]:
    answer = shop.post(f"/v1/imports/{kind}", {"items": list(items)})
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def outcomes(answer: dict[str, Any]) -> list[str]:
    return [item["outcome"] for item in answer["items"]]


def test_importing_twice_is_importing_once(shop: Shop, postgres: psycopg.Connection) -> None:
    category = {"external_id": "c1", "translations": [{"locale": "en", "name": "Dairy"}]}
    product = imported_product("p1", categories=["c1"])
    order = imported_order("o1", "p1")

    first = [take_in(shop, "categories", category), take_in(shop, "products", product), take_in(shop, "orders", order)]
    told = len(left(postgres, shop.id))
    second = [take_in(shop, "categories", category), take_in(shop, "products", product), take_in(shop, "orders", order)]

    assert [outcomes(answer) for answer in first] == [["created"]] * 3
    assert [outcomes(answer) for answer in second] == [["unchanged"]] * 3
    assert [answer["items"][0]["receipt"] for answer in second] == [answer["items"][0]["receipt"] for answer in first]
    assert len(left(postgres, shop.id)) == told


def test_a_past_order_comes_with_what_happened_when_it_happened(shop: Shop, postgres: psycopg.Connection) -> None:
    take_in(shop, "products", imported_product("p1"))

    item = take_in(shop, "orders", imported_order("o1", "p1", tax_minor=7, discount_minor=2))["items"][0]

    told = left(postgres, shop.id, item["id"])
    assert [(one.type, one.version, one.row["ce_time"]) for one in told] == [
        ("order.placed", 1, "2017-03-01T10:00:00.000000Z"),
        ("order.confirmed", 2, "2017-03-01T10:01:00.000000Z"),
        ("order.paid", 3, "2017-03-01T10:02:00.000000Z"),
    ]
    assert (item["version"], told[-1].event.order.total_minor) == (3, 285)
    assert shop.get(f"/v1/orders/{item['id']}").json["status"] == "paid"


def test_a_line_without_quantity_may_still_have_value(shop: Shop) -> None:
    take_in(shop, "products", imported_product("p1"))
    lines = [{"sku": "p1", "quantity": 0, "unit_price_minor": 0, "adjustment_minor": 99}]

    item = take_in(shop, "orders", imported_order("o1", "p1", lines=lines))["items"][0]

    assert shop.get(f"/v1/orders/{item['id']}").json["total_minor"] == 99


def test_a_past_line_says_what_it_was_of_what_it_cost_and_what_was_spared(shop: Shop) -> None:
    take_in(shop, "categories", {"external_id": "c1", "translations": [{"locale": "en", "name": "Fuel"}]})
    take_in(shop, "products", imported_product("p1", brand="Verde", categories=["c1"]))
    petrol = {"sku": "p1", "quantity": 30080, "unit": "0.001 gal", "unit_price_minor": 1, "adjustment_minor": -22_580}
    crate = {"sku": "p1", "quantity": 1, "unit_price_minor": 150, "list_price_minor": 180, "adjustment_minor": -25}
    lines = [{**petrol, "discount_minor": 125}, {**crate, "discount_minor": 50}, crate]

    item = take_in(shop, "orders", imported_order("o1", "p1", lines=lines))["items"][0]

    shown = shop.get(f"/v1/orders/{item['id']}").json["lines"]
    assert [(line["unit"], line["list_price_minor"], line["discount_minor"]) for line in shown] == [
        ("0.001 gal", None, 125),
        ("piece", 180, 50),
        ("piece", 180, 25),
    ]
    assert [line["total_minor"] for line in shown] == [7500, 125, 125]
    assert {(line["brand"], *line["category_path"]) for line in shown} == {("Verde", "Fuel")}


def test_what_happened_since_is_added(shop: Shop, postgres: psycopg.Connection) -> None:
    take_in(shop, "products", imported_product("p1"))
    paid = imported_order("o1", "p1")
    placed = {name: value for name, value in paid.items() if name not in ("confirmed_at", "paid_at", "payment_id")}

    first = take_in(shop, "orders", placed)
    second = take_in(shop, "orders", paid)
    earlier = take_in(shop, "orders", placed)

    assert outcomes(first) + outcomes(second) + outcomes(earlier) == ["created", "updated", "unchanged"]
    told = left(postgres, shop.id, second["items"][0]["id"])
    assert [one.version for one in told] == [1, 2, 3]


@pytest.mark.parametrize(
    "different",
    [
        {"tax_minor": 1},
        {"customer_ref": "household-2"},
        {"placed_at": "2017-03-01T09:00:00Z"},
        {"payment_id": "p2"},
        {"lines": [{"sku": "p1", "quantity": 3, "unit_price_minor": 150}]},
        {"lines": [{**_LINE, "unit": "kg"}]},
        {"lines": [{**_LINE, "list_price_minor": 150}]},
        {"lines": [{**_LINE, "discount_minor": 21}]},
    ],
)
def test_the_facts_of_an_order_do_not_change(shop: Shop, different: dict[str, Any]) -> None:
    take_in(shop, "products", imported_product("p1"))
    take_in(shop, "orders", imported_order("o1", "p1"))

    item = take_in(shop, "orders", imported_order("o1", "p1", **different))["items"][0]

    assert (item["outcome"], item["problem"]["code"]) == ("refused", "conflict")


def test_what_an_import_says_anyway_is_no_other_fact(shop: Shop) -> None:
    take_in(shop, "products", imported_product("p1"))
    take_in(shop, "orders", imported_order("o1", "p1"))

    again = imported_order("o1", "p1", lines=[{**_LINE, "unit": "piece", "discount_minor": 20}])

    assert outcomes(take_in(shop, "orders", again)) == ["unchanged"]


@pytest.mark.parametrize(
    ("different", "field"),
    [
        ({"lines": []}, "lines"),
        ({"lines": [{"sku": "NOTHING", "quantity": 1, "unit_price_minor": 1}]}, "lines.0.sku"),
        ({"lines": [{"sku": "p1", "quantity": -1, "unit_price_minor": 1}]}, "lines.0.quantity"),
        ({"lines": [{**_LINE, "list_price_minor": 149}]}, "lines.0.list_price_minor"),
        ({"lines": [{**_LINE, "discount_minor": -1}]}, "lines.0.discount_minor"),
        ({"lines": [{**_LINE, "unit": ""}]}, "lines.0.unit"),
        ({"lines": [{**_LINE, "unit": " kg"}]}, "lines.0.unit"),
        ({"discount_minor": 10_000}, "total_minor"),
        ({"currency": "XXX"}, "currency"),
        ({"placed_at": "2017-03-01T10:00:00"}, "placed_at"),
        ({"placed_at": 1488362400}, "placed_at"),
        ({"paid_at": "2017-03-01T09:00:00Z"}, "paid_at"),
        ({"paid_at": "2999-03-01T09:00:00Z"}, "paid_at"),
        ({"placed_at": "0001-01-01T00:00:00+14:00"}, "placed_at"),
        ({"placed_at": "0001-01-02T00:00:00Z"}, "placed_at"),
        ({"placed_at": "1969-12-31T23:59:59Z"}, "placed_at"),
        ({"paid_at": "9999-12-31T23:59:59-14:00"}, "paid_at"),
        ({"confirmed_at": None}, "confirmed_at"),
        ({"payment_id": None}, "payment_id"),
        ({"external_id": ""}, "external_id"),
        ({"customer_ref": "nul\x00"}, "customer_ref"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_one_bad_order_is_refused_by_field_and_spoils_no_other(
    shop: Shop, different: dict[str, Any], field: str
) -> None:
    take_in(shop, "products", imported_product("p1"))

    answer = take_in(
        shop, "orders", imported_order("o1", "p1"), imported_order("o2", "p1", **different), imported_order("o3", "p1")
    )

    assert outcomes(answer) == ["created", "refused", "created"]
    assert [one["field"] for one in answer["items"][1]["problem"]["errors"]] == [field]


@pytest.mark.parametrize("anew", [False, True], ids=["gone", "made anew"])
def test_a_pending_order_is_paid_whatever_became_of_its_products(shop: Shop, anew: bool) -> None:
    product = take_in(shop, "products", imported_product("p1"))["items"][0]
    paid = imported_order("o1", "p1")
    placed = {name: value for name, value in paid.items() if name not in ("confirmed_at", "paid_at", "payment_id")}
    order = take_in(shop, "orders", placed, {**placed, "external_id": "o2"})["items"]
    lines = shop.get(f"/v1/orders/{order[0]['id']}").json["lines"]
    shop.post(f"/v1/products/{product['id']}/archive")
    shop.call("DELETE", f"/v1/products/{product['id']}")
    if anew:
        take_in(shop, "products", imported_product("p1", translations=[{"locale": "en", "title": "Another"}]))

    imported = take_in(shop, "orders", paid)
    confirmed = shop.post(f"/v1/orders/{order[1]['id']}/confirm")
    by_command = shop.post(f"/v1/orders/{order[1]['id']}/pay", {"payment_id": "p2"})

    assert outcomes(imported) == ["updated"]
    assert (confirmed.status_code, by_command.status_code) == (200, 200)
    after = shop.get(f"/v1/orders/{order[0]['id']}").json
    assert (after["status"], after["lines"]) == ("paid", lines)


def test_a_customer_names_no_orders(shop: Shop) -> None:
    sku = shop.product()["variants"][0]["sku"]
    body = {"external_id": "1001", "lines": [{"sku": sku, "quantity": 1}]}

    refused = shop.post("/v1/orders", body, role="customer", actor="anna")

    assert (refused.status_code, refused.get_json(force=True)["errors"][0]["field"]) == (422, "external_id")
    assert outcomes(take_in(shop, "orders", imported_order("1001", sku))) == ["created"]
    assert shop.post("/v1/orders", {"lines": body["lines"]}, role="customer", actor="anna").status_code == 201


def test_products_are_made_changed_and_brought_to_their_status(shop: Shop, postgres: psycopg.Connection) -> None:
    first = take_in(shop, "products", imported_product("p1"), imported_product("p2", status="draft"))
    second = take_in(
        shop, "products", imported_product("p1", brand="Verde"), imported_product("p2", status="archived", brand="B")
    )

    assert outcomes(first) + outcomes(second) == ["created", "created", "updated", "updated"]
    assert [item["version"] for item in second["items"]] == [2, 3]
    told = [one.type for one in left(postgres, shop.id) if one.type.startswith("product")]
    assert told == ["product.created", "product.created", "product.updated", "product.updated", "product.archived"]


def test_a_product_changed_by_hand_is_brought_back(shop: Shop) -> None:
    item = take_in(shop, "products", imported_product("p1", brand="Verde"))["items"][0]
    shop.call("PATCH", f"/v1/products/{item['id']}", {"brand": "Rosso"})

    again = take_in(shop, "products", imported_product("p1", brand="Verde"))

    assert outcomes(again) == ["updated"]
    assert shop.get(f"/v1/products/{item['id']}").json["brand"] == "Verde"


def test_names_that_are_taken_refuse_their_item_only(shop: Shop) -> None:
    shop.product(**product_body(variants=[{"sku": "TAKEN"}]))

    answer = take_in(
        shop,
        "products",
        imported_product("p1", variants=[{"sku": "TAKEN"}]),
        imported_product("p2"),
        imported_product("p3", variants=[{"sku": "p2"}]),
        imported_product("p2"),
        imported_product("p4", categories=["nowhere"]),
        "nonsense",
    )

    assert outcomes(answer) == ["refused", "created", "refused", "refused", "refused", "refused"]
    assert [item["problem"]["code"] for item in answer["items"] if "problem" in item] == [
        "taken",
        "taken",
        "conflict",
        "invalid",
        "invalid",
    ]


def test_categories_come_in_any_order(shop: Shop) -> None:
    def category(external_id: str, parent: str | None = None, name: str = "Cheese") -> dict[str, Any]:
        return {"external_id": external_id, "parent": parent, "translations": [{"locale": "en", "name": name}]}

    answer = take_in(
        shop,
        "categories",
        category("leaf", "branch"),
        category("branch", "root"),
        category("root"),
        category("snake", "tail"),
        category("tail", "snake"),
        category("orphan", "nowhere"),
    )

    assert outcomes(answer) == ["created"] * 3 + ["refused"] * 3
    ids = [item["id"] for item in answer["items"][:3]]
    assert shop.get(f"/v1/categories/{ids[0]}").json["path"] == ids[::-1]


def test_two_calls_that_race_make_each_thing_once(shop: Shop, postgres: psycopg.Connection) -> None:
    products = [imported_product(f"p{number}") for number in range(50)]

    def send(turn: int) -> list[str]:
        return outcomes(take_in(shop, "products", *(products if turn % 2 else products[::-1])))

    with ThreadPoolExecutor(8) as threads:
        all_outcomes = [one for answer in threads.map(send, range(8)) for one in answer]

    assert Counter(all_outcomes) == {"created": 50, "unchanged": 350}
    told = [one for one in left(postgres, shop.id) if one.type == "product.created"]
    assert len(told) == 50


@pytest.mark.parametrize("items", [[], [{}] * 501, "many", None])
def test_a_call_has_1_to_500_items(shop: Shop, items: Any) -> None:
    answer = shop.post("/v1/imports/products", {"items": items})

    assert (answer.status_code, answer.get_json(force=True)["errors"][0]["field"]) == (422, "items")
