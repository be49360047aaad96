"""`include` through the API: what is in an answer is what its own call answers, to who may make that call."""

from http import HTTPStatus
from typing import Any

import pytest
from apiflask import APIFlask

from tests.integration.api.people import people_of
from tests.integration.api.shops import Shop
from tests.integration.api.test_statement_counts import statements

pytestmark = pytest.mark.servers

TEXTS = [{"locale": "en", "title": "Rye"}, {"locale": "de", "title": "Roggen"}]
NAMES = [{"locale": "en", "name": "Bread"}, {"locale": "de", "name": "Brot"}]


def _bread(shop: Shop) -> dict[str, Any]:
    """A product with two variants, one of which is counted, in a category."""
    category = shop.post("/v1/categories", {"translations": NAMES}).json["id"]
    prices = [{"currency": "EUR", "amount_minor": 420}]
    variants = [{"sku": sku, "prices": prices} for sku in ("RYE-500", "RYE-750")]
    product = shop.product(translations=TEXTS, variants=variants, category_ids=[category])
    assert shop.post("/v1/stock", {"sku": "RYE-750", "on_hand": 7}).status_code == HTTPStatus.CREATED
    return product


def test_a_product_comes_with_what_its_categories_and_stock_answer(shop: Shop) -> None:
    product = _bread(shop)
    own_stock = [shop.get(f"/v1/stock/variants/{one['id']}").json for one in product["variants"]]
    category = shop.get(f"/v1/categories/{product['category_ids'][0]}").json
    handle = product["translations"][1]["handle"]
    made = shop.post("/v1/collections", {"translations": TEXTS, "product_ids": [product["id"]]}).json["id"]
    shop.post(f"/v1/collections/{made}/publish")

    for path, name in (
        ("/v1/products", "Bread"),
        (f"/v1/products/{product['id']}", "Bread"),
        (f"/v1/products/by-handle/{handle}?locale=de-AT", "Brot"),
        ("/v1/products/by-sku/rye-500?locale=de", "Brot"),
        (f"/v1/collections/{made}/products?locale=de", "Brot"),
    ):
        more = f"{path}{'&' if '?' in path else '?'}include=stock,categories"
        answer, without = shop.get(more).json, shop.get(path).json
        one, plain = (told["items"][0] if "items" in told else told for told in (answer, without))
        (named,) = one["categories"]
        assert {key: named[key] for key in category} == category, path
        assert (named["name"], len(named["locale"])) == (name, 2), path
        assert one["stock"] == own_stock, path
        assert {key: one[key] for key in plain} == plain, path
        assert one.keys() - plain.keys() == {"categories", "stock"}, path
    assert shop.get("/v1/products?include=stock&fields=id,stock.in_stock").json["items"] == [
        {"id": product["id"], "stock": [{"in_stock": True}, {"in_stock": True}]}
    ]


def test_the_tag_is_of_what_is_included_too(shop: Shop) -> None:
    product = _bread(shop)
    path = f"/v1/products/{product['id']}?include=stock"
    (_, counted) = shop.get(path).json["stock"]
    tag = shop.get(path).headers["ETag"]
    assert shop.get(path, If_None_Match=tag).status_code == HTTPStatus.NOT_MODIFIED

    shop.post(f"/v1/stock/{counted['locations'][0]['id']}/count", {"on_hand": 3})

    assert shop.get(path, If_None_Match=tag).json["stock"][1]["total"]["on_hand"] == 3
    assert shop.get(path.partition("?")[0], If_None_Match=tag).status_code == HTTPStatus.OK


def test_orders_come_with_their_payments_and_timeline_as_far_as_who_asks_sees_them(shop: Shop) -> None:
    _bread(shop)
    lines = {"lines": [{"sku": "RYE-500", "quantity": 1}]}
    order = shop.post("/v1/orders", lines, role="customer", actor="anna").json["id"]
    paid = shop.post(f"/v1/orders/{order}/payments", {"token": "test_decline"}, role="customer", actor="anna")
    assert paid.status_code == HTTPStatus.PAYMENT_REQUIRED
    shop.post(f"/v1/orders/{order}/payments", {"token": "test_success"}, role="customer", actor="anna")
    shop.post(f"/v1/orders/{order}/refund", {"reason": "not for customers", "other_minor": 20})

    for who in ({"role": "admin"}, {"role": "customer", "actor": "anna"}):
        payments, timeline = (shop.get(f"/v1/orders/{order}/{one}", **who).json for one in ("payments", "timeline"))
        assert len(payments["items"]) == 2
        for path in (f"/v1/orders/{order}", "/v1/orders"):
            answer = shop.get(f"{path}?include=payments,timeline", **who).json
            one = answer["items"][0] if "items" in answer else answer
            assert (one["payments"], one["timeline"]) == (payments, timeline), (who, path)
            assert ("not for customers" in str(one["timeline"])) == (who["role"] == "admin")
    assert shop.get("/v1/orders?include=payments", role="customer", actor="bert").json["items"] == []


def test_a_cart_comes_with_the_products_of_its_lines_in_one_locale(shop: Shop) -> None:
    product = _bread(shop)
    hidden = shop.product(variants=[{"sku": "SOON", "prices": [{"currency": "EUR", "amount_minor": 1}]}])
    lines = [{"sku": sku, "quantity": 1} for sku in ("SOON", "RYE-750", "RYE-500")]
    cart = shop.post("/v1/carts", {"lines": lines}, role="customer", actor="anna").json["id"]
    shop.post(f"/v1/products/{hidden['id']}/unpublish")
    handle = product["translations"][0]["handle"]
    own = shop.get(f"/v1/products/by-handle/{handle}?locale=de").json

    told = shop.get(f"/v1/carts/{cart}?locale=de&include=products", role="customer", actor="anna")

    assert told.json["products"] == [own]
    assert told.json["products"][0]["title"] == "Roggen"
    listed = shop.get("/v1/carts?include=products").json["items"]
    assert [one["id"] for one in listed[0]["products"]] == [hidden["id"], product["id"]]
    assert "products" not in shop.get("/v1/carts").json["items"][0]


def test_what_is_not_the_askers_to_see_refuses_the_call_by_its_name(shop: Shop) -> None:
    product = _bread(shop)
    visitor = shop.get(f"/v1/products/{product['id']}?include=categories", role="anonymous")
    assert visitor.json["categories"][0]["name"] == "Bread"

    refused = shop.get("/v1/products?include=categories,stock", role="anonymous")
    assert (refused.status_code, refused.get_json(force=True)["code"]) == (HTTPStatus.FORBIDDEN, "forbidden")
    assert "stock:read" in refused.get_json(force=True)["detail"]

    for path in ("/v1/products?include=prize", "/v1/orders?include=stock", "/v1/products?include="):
        wrong = shop.get(path).get_json(force=True)
        assert (wrong["status"], wrong["errors"][0]["field"]) == (422, "include"), path
    assert shop.get("/v1/orders?include=nonsense", role="anonymous").status_code == HTTPStatus.UNAUTHORIZED
    nowhere = shop.get("/v1/users?include=stock").get_json(force=True)
    assert (nowhere["status"], nowhere["errors"][0]["field"]) == (422, "include")


def test_an_order_that_its_own_call_would_not_show_is_not_told_of_in_a_list(app: APIFlask, shop: Shop) -> None:
    _bread(shop)
    order = shop.post("/v1/orders", {"lines": [{"sku": "RYE-500", "quantity": 1}]}).json["id"]
    small = {"field": "total", "op": "lte", "value": 500, "currency": "EUR"}
    orders = [{"actions": ["list"]}, {"actions": ["read"], "when": [small]}]
    grants = [{"resource": "orders", **one} for one in orders]
    role = shop.post("/v1/roles", {"name": "clerk", "grants": grants}).json["id"]

    for people in people_of(app, shop):
        clerk = people.signed_in(people.invite("staff", role_ids=[role])["email"])
        answers = [people.call(clerk, "GET", "/v1/orders?include=timeline")]
        large = shop.post("/v1/orders", {"lines": [{"sku": "RYE-500", "quantity": 2}]}).json["id"]
        answers.append(people.call(clerk, "GET", "/v1/orders?include=timeline"))

    assert [one.status_code for one in answers] == [HTTPStatus.OK, HTTPStatus.FORBIDDEN]
    assert answers[0].json["items"][0]["timeline"] == shop.get(f"/v1/orders/{order}/timeline").json
    assert "orders:read" in answers[1].get_json(force=True)["detail"]
    assert large not in answers[1].text


@pytest.mark.parametrize(
    "path",
    [
        "/v1/products?include=categories,stock",
        "/v1/orders?include=payments,timeline",
        "/v1/carts?include=products",
    ],
)
def test_a_page_of_many_takes_as_many_statements_as_one_of_one(shop: Shop, path: str) -> None:
    _bread(shop)
    variants = [{"sku": f"V-{at}", "prices": [{"currency": "EUR", "amount_minor": 1}]} for at in range(20)]
    for one in variants:
        sku = {"lines": [{"sku": one["sku"], "quantity": 1}]}
        shop.product(variants=[one], category_ids=shop.get("/v1/products").json["items"][0]["category_ids"])
        shop.post("/v1/stock", {"sku": one["sku"], "on_hand": 9})
        order = shop.post("/v1/orders", sku).json["id"]
        shop.post(f"/v1/orders/{order}/payments", {"token": "test_success"})
        shop.post("/v1/carts", sku)

    first, many = (min(statements(shop, f"{path}&limit={limit}") for _ in range(5)) for limit in (1, 20))

    assert (first[1], many[1]) == (1, 20)
    assert 0 < many[0] <= first[0] + 1
