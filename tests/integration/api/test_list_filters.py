"""Lists through the API: what is filtered is what was asked for, in the order that was asked for."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest

from tests.integration.api.shops import Shop, imported_order, imported_product

pytestmark = pytest.mark.servers


def names(shop: Shop, path: str, field: str = "external_id", **how: Any) -> list[Any]:
    answer = shop.get(path, **how)
    assert answer.status_code == 200, answer.text
    return [one[field] for one in answer.json["items"]]


def test_products_are_filtered_by_status_brand_category_tag_and_time(shop: Shop) -> None:
    text = [{"locale": "en", "name": "Bakery"}]
    shop.post(
        "/v1/imports/categories",
        {
            "items": [
                {"external_id": "bakery", "translations": text},
                {"external_id": "bread", "parent": "bakery", "translations": text},
            ]
        },
    )
    ids = {one["external_id"]: one["id"] for one in shop.get("/v1/categories").json["items"]}
    items = [
        imported_product("rye", brand="Ring", tags=["dark"], categories=["bread"]),
        imported_product("bun", brand="Oven", tags=["white", "small"], categories=["bakery"]),
        imported_product("tea", brand="Leaf", status="draft"),
    ]
    assert shop.post("/v1/imports/products", {"items": items}).json["created"] == 3

    assert names(shop, "/v1/products?status=draft") == ["tea"]
    assert names(shop, "/v1/products?status=draft&status=active") == ["rye", "bun", "tea"]
    assert names(shop, "/v1/products?brand=Ring&brand=Leaf") == ["rye", "tea"]
    assert names(shop, f"/v1/products?category={ids['bakery']}") == ["rye", "bun"]
    assert names(shop, f"/v1/products?category={ids['bread']}") == ["rye"]
    assert names(shop, "/v1/products?tag=small&tag=dark") == ["rye", "bun"]
    assert names(shop, "/v1/products?brand=Ring&status=draft") == []
    assert names(shop, "/v1/products?brand=Leaf&status=draft", role="customer") == []

    rye = shop.get("/v1/products?brand=Ring").json["items"][0]
    changed = shop.call("PATCH", f"/v1/products/{rye['id']}", {"brand": "Ring Street"}).json
    assert names(shop, "/v1/products?sort=updated_desc&limit=1") == ["rye"]
    assert names(shop, "/v1/products?sort=updated_asc")[-1] == "rye"
    assert names(shop, f"/v1/products?updated_since={quote(changed['updated_at'])}") == ["rye"]
    assert names(shop, "/v1/products?sort=newest") == ["tea", "bun", "rye"]
    exported = shop.get("/v1/products/export?brand=Oven&status=active").text.splitlines()
    assert len(exported) == 1
    assert '"external_id":"bun"' in exported[0]


def test_orders_are_filtered_by_time_total_and_what_became_of_the_money(shop: Shop) -> None:
    shop.post("/v1/imports/products", {"items": [imported_product("rye")]})

    def past(name: str, month: int, price: int, **different: Any) -> dict[str, Any]:
        at = {key: f"2017-{month:02}-01T10:0{minute}:00Z" for minute, key in enumerate(("placed_at", "confirmed_at"))}
        lines = [{"sku": "rye", "quantity": 1, "unit_price_minor": price}]
        paid = {"paid_at": f"2017-{month:02}-01T10:02:00Z", "payment_id": "p"}
        return imported_order(name, "rye", **{**at, **paid, "lines": lines, **different})

    unpaid = {"paid_at": None, "payment_id": None, "confirmed_at": None}
    items = [past("b", 2, 200), past("c", 3, 300), past("a", 1, 200), past("d", 4, 400, **unpaid)]
    assert shop.post("/v1/imports/orders", {"items": items}).json["created"] == 4
    ids = dict(zip(names(shop, "/v1/orders"), names(shop, "/v1/orders", "id"), strict=True))
    shop.post(f"/v1/orders/{ids['b']}/refund", {"reason": "burnt", "other_minor": 50})
    shop.post(f"/v1/orders/{ids['c']}/cancel", {"reason": "lost"})

    assert names(shop, "/v1/orders") == ["d", "a", "c", "b"]
    assert names(shop, "/v1/orders?sort=placed_asc") == ["a", "b", "c", "d"]
    assert names(shop, "/v1/orders?sort=placed_desc") == ["d", "c", "b", "a"]
    assert names(shop, "/v1/orders?sort=total_asc") == ["b", "a", "c", "d"]
    assert names(shop, "/v1/orders?sort=total_desc") == ["d", "c", "a", "b"]
    assert names(shop, "/v1/orders?placed_since=2017-02-01T10:00:00Z&placed_until=2017-04-01T10:00:00Z") == ["c", "b"]
    assert names(shop, "/v1/orders?total_min=200&total_max=300&sort=placed_asc") == ["a", "b", "c"]
    assert names(shop, "/v1/orders?payment=unpaid") == ["d"]
    assert names(shop, "/v1/orders?payment=paid") == ["a"]
    assert names(shop, "/v1/orders?payment=partly_refunded") == ["b"]
    assert names(shop, "/v1/orders?payment=refunded") == ["c"]
    assert names(shop, "/v1/orders?status=cancelled&status=pending&sort=oldest") == ["c", "d"]
    assert names(shop, "/v1/orders?currency=USD") == []
    assert shop.get("/v1/orders?placed_since=2017-02-01").status_code == 422
    assert shop.get("/v1/orders?total_min=9223372036854775808").status_code == 422
    assert len(shop.get("/v1/orders/export?payment=unpaid&placed_since=2017-01-01T00:00:00Z").text.splitlines()) == 1


def test_people_categories_and_carts_are_filtered(shop: Shop) -> None:
    for name, role in (("ben", "manager"), ("anna", "customer"), ("cleo", "customer")):
        somebody = shop.post("/v1/users", {"email": f"{name}@example.org", "name": name, "role": role}).json["id"]
    shop.call("PATCH", f"/v1/users/{somebody}", {"customer_group": "trade"})
    text = [{"locale": "en", "name": "Bakery"}]
    root = shop.post("/v1/categories", {"translations": text, "position": 2}).json["id"]
    bread = shop.post("/v1/categories", {"translations": text, "position": 1, "parent_id": root}).json["id"]
    rye = shop.post("/v1/categories", {"translations": text, "position": 0, "parent_id": bread}).json["id"]
    left, kept = (shop.post("/v1/carts", {"country": "AT"}).json["id"] for _ in range(2))
    changed = shop.call("PATCH", f"/v1/carts/{left}", {"country": "DE"}).json["changed_at"]

    assert names(shop, "/v1/users?role=customer&sort=email", "name") == ["anna", "cleo"]
    assert names(shop, "/v1/users?status=inactive&role=manager&role=admin", "name") == ["ben"]
    assert names(shop, "/v1/users?customer_group=trade&customer_group=staff", "name") == ["cleo"]
    assert names(shop, "/v1/users?customer_group=staff", "name") == []
    assert names(shop, "/v1/categories?root=true", "id") == [root]
    assert names(shop, f"/v1/categories?parent_id={root}", "id") == [bread]
    assert names(shop, f"/v1/categories?below={root}", "id") == [bread, rye]
    assert names(shop, "/v1/categories?sort=position", "id") == [rye, bread, root]
    assert names(shop, "/v1/carts?sort=changed_desc", "id") == [left, kept]
    assert names(shop, f"/v1/carts?changed_until={quote(changed)}", "id") == [kept]


def test_nobody_filters_their_way_to_another_customers_orders(shop: Shop) -> None:
    sku = shop.product()["variants"][0]["sku"]
    for actor in ("anna", "ben"):
        shop.post("/v1/orders", {"lines": [{"sku": sku, "quantity": 1}]}, role="customer", actor=actor)
    anna = {"role": "customer", "actor": "anna"}
    page = shop.get("/v1/orders?sort=total_asc&limit=1").json

    assert names(shop, "/v1/orders?sort=total_desc", "customer_ref", **anna) == ["anna"]
    assert shop.get("/v1/orders?customer_ref=ben", **anna).status_code == 403
    behind = shop.get(f"/v1/orders?sort=total_asc&limit=1&cursor={page['next_cursor']}", **anna).json["items"]
    assert [one["customer_ref"] for one in behind] in ([], ["anna"])


def test_twenty_who_add_while_it_is_read_hide_and_repeat_nothing(shop: Shop) -> None:
    there = {shop.product(published=False)["id"] for _ in range(20)}
    seen: list[str] = []

    with ThreadPoolExecutor(4) as threads:
        adding = [threads.submit(shop.product, published=False) for _ in range(20)]
        cursor: str | None = ""
        while cursor is not None:
            page = shop.get(f"/v1/products?sort=newest&limit=3{cursor and f'&cursor={cursor}'}").json
            seen += [one["id"] for one in page["items"]]
            cursor = page["next_cursor"]
        assert len({one.result()["id"] for one in adding}) == 20

    assert there <= set(seen)
    assert len(seen) == len(set(seen))
