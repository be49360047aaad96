"""A variant says what its quantities count, orders keep it as it was sold, and events tell both."""

from collections.abc import Callable
from typing import Any

import orjson
import psycopg
import pytest

from tests.integration.api.outbox import left
from tests.integration.api.shops import Shop, imported_product, product_body
from tests.integration.api.test_carts import cart_of

pytestmark = pytest.mark.servers
PRICED = {"prices": [{"currency": "EUR", "amount_minor": 199}]}


def cheese(shop: Shop, **different: Any) -> dict[str, Any]:
    return shop.product(variants=[{"sku": "CHEESE", **PRICED, "unit": "100 g", **different}])


def changed(shop: Shop, product: dict[str, Any], **different: Any) -> Any:
    variants = [{"sku": "CHEESE", **PRICED, **different}]
    return shop.call("PATCH", f"/v1/products/{product['id']}", {"variants": variants})


def test_a_variant_says_its_unit_to_who_reads_it_and_in_events(shop: Shop, postgres: psycopg.Connection) -> None:
    by_weight, by_piece = cheese(shop), shop.product()

    assert shop.get(f"/v1/products/{by_weight['id']}").json["variants"][0]["unit"] == "100 g"
    assert shop.get(f"/v1/products/{by_piece['id']}").json["variants"][0]["unit"] == "piece"
    assert [one.event.product.variants[0].unit for one in left(postgres, shop.id, by_weight["id"])][-1] == "100 g"


@pytest.mark.parametrize("unit", ["crate", "KG", "12 piece", "0 kg"])
def test_a_unit_that_nobody_knows_is_refused_by_name(shop: Shop, unit: str) -> None:
    refused = shop.post("/v1/products", product_body(variants=[{"sku": "A", "unit": unit}]))

    assert (refused.status_code, refused.content_type) == (422, "application/problem+json")
    (wrong,) = refused.json["errors"]
    assert (wrong["field"], wrong["code"]) == ("variants.0.unit", "unknown_unit")
    assert "piece, g, kg" in wrong["message"]


def test_a_unit_changes_only_when_somebody_says_so(shop: Shop) -> None:
    product = cheese(shop)

    kept = changed(shop, product).json
    other = changed(shop, product, unit="kg").json

    assert [one["variants"][0]["unit"] for one in (kept, other)] == ["100 g", "kg"]


def test_an_order_keeps_the_unit_it_was_sold_by(shop: Shop, postgres: psycopg.Connection) -> None:
    product = cheese(shop)
    order = shop.order("CHEESE")

    changed(shop, product, unit="kg")
    later = shop.order("CHEESE")

    told = {one: shop.get(f"/v1/orders/{one}").json["lines"][0]["unit"] for one in (order["id"], later["id"])}
    assert told == {order["id"]: "100 g", later["id"]: "kg"}
    assert left(postgres, shop.id, order["id"])[0].event.order.lines[0].unit == "100 g"


def test_an_order_by_another_unit_is_not_edited_but_placed_anew(shop: Shop) -> None:
    product = cheese(shop)
    order = shop.order("CHEESE")
    more = {"lines": [{"sku": "CHEESE", "quantity": 5}]}

    same = shop.call("PUT", f"/v1/orders/{order['id']}/lines", more)
    changed(shop, product, unit="kg")
    other = shop.call("PUT", f"/v1/orders/{order['id']}/lines", more)

    assert (same.status_code, same.json["lines"][0]["unit"]) == (200, "100 g")
    assert other.status_code == 409
    assert "ordered by 100 g, and is sold by kg" in other.json["detail"]


def test_a_cart_says_what_its_lines_count(shop: Shop) -> None:
    cheese(shop)
    cart = cart_of(shop, ("CHEESE", 5))

    (line,) = shop.get(f"/v1/carts/{cart['id']}").json["counted"]["lines"]
    assert (line["unit"], line["total_minor"]) == ("100 g", 5 * 199)


def test_units_go_from_one_shop_to_another(open_shop: Callable[..., Shop]) -> None:
    first, second = open_shop(), open_shop()
    by_weight = imported_product("p1", variants=[{"sku": "CHEESE", **PRICED, "unit": "100 g"}])

    made = first.post("/v1/imports/products", {"items": [by_weight]}).json["items"]
    (line,) = first.get("/v1/products/export?form=import").data.splitlines()
    taken = second.post("/v1/imports/products", {"items": [orjson.loads(line)]}).json["items"]

    assert [one["outcome"] for one in (*made, *taken)] == ["created", "created"]
    (product,) = second.get("/v1/products").json["items"]
    assert product["variants"][0]["unit"] == "100 g"
