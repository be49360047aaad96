"""A list asks PostgreSQL the same number of things however many rows it shows."""

from collections.abc import Callable

import pytest

from tests.integration.api.shops import Shop, imported_order, imported_product
from tests.support.counted_statements import counted_statements

pytestmark = pytest.mark.servers

ROWS = 100


def _import(kind: str, items: Callable[[int], object]) -> Callable[[Shop], None]:
    def fill(shop: Shop) -> None:
        taken = shop.post(f"/v1/imports/{kind}", {"items": [items(number) for number in range(ROWS)]}).json
        assert taken["created"] == ROWS, taken

    return fill


def _products(shop: Shop) -> None:
    texts = [{"locale": locale, "title": "Cheese"} for locale in ("en", "de")]
    prices = [{"currency": currency, "amount_minor": 1} for currency in ("EUR", "USD")]
    _import(
        "products",
        lambda number: imported_product(
            f"p{number}", translations=texts, variants=[{"sku": f"{number}-{at}", "prices": prices} for at in range(3)]
        ),
    )(shop)


def _orders(shop: Shop) -> None:
    shop.post("/v1/imports/products", {"items": [imported_product("p1")]})
    _import("orders", lambda number: imported_order(f"o{number}", "p1"))(shop)


def _roles(shop: Shop) -> None:
    for number in range(ROWS):
        body = {"name": f"role {number}", "grants": [{"resource": "orders", "actions": ["read"]}]}
        assert shop.post("/v1/roles", body).status_code == 201


def _price_lists(shop: Shop) -> None:
    for number in range(ROWS):
        assert shop.post("/v1/price-lists", {"name": f"list {number}"}).status_code == 201


def _search_settings(shop: Shop) -> None:
    for number in range(ROWS):
        body = {"synonyms": {"words": [f"word {number}", "another"]}}
        assert shop.post("/v1/search/settings", body).status_code == 201


def _collections(shop: Shop) -> None:
    """Of which the product that all are asked for is in each, and which have a rule as often as not."""
    shop.post("/v1/imports/products", {"items": [imported_product("p1")]})
    rule = {"conditions": [{"field": "price", "currency": "USD", "least_minor": 1}]}
    text = [{"locale": "en", "title": "Breakfast"}]
    _import(
        "collections",
        lambda number: {
            "external_id": f"c{number}",
            "translations": text,
            **({"rule": rule} if number % 2 else {"products": ["p1"]}),
        },
    )(shop)


def _pages(shop: Shop) -> None:
    for number in range(ROWS):
        texts = [{"locale": locale, "title": f"Page {number}", "body": "Text."} for locale in ("en", "de")]
        assert shop.post("/v1/pages", {"translations": texts, "tags": ["help"]}).status_code == 201


def _of_a_rule(shop: Shop) -> str:
    """The address of a collection of all products."""
    _products(shop)
    category = {"locale": "en", "name": "Dairy"}
    (made,) = shop.post("/v1/imports/categories", {"items": [{"external_id": "c", "translations": [category]}]}).json[
        "items"
    ]
    conditions = [
        {"field": "price", "currency": "EUR", "least_minor": 1},
        {"field": "category", "values": [made["id"]]},
        {"field": "tag", "values": ["new"]},
    ]
    body = {"translations": [{"locale": "en", "title": "All"}], "rule": {"match": "any", "conditions": conditions}}
    return f"/v1/collections/{shop.post('/v1/collections', body).json['id']}/products"


LISTS: dict[str, Callable[[Shop], str | None]] = {
    "/v1/categories": _import(
        "categories",
        lambda number: {"external_id": f"c{number}", "translations": [{"locale": "en", "name": "Dairy"}]},
    ),
    "/v1/products": _products,
    "/v1/orders": _orders,
    "/v1/price-lists": _price_lists,
    "/v1/search/settings": _search_settings,
    "/v1/pages": _pages,
    "/v1/collections": _collections,
    "/v1/collections/…/products": _of_a_rule,
    "/v1/roles": _roles,
    "/v1/audit": _roles,
}


def statements(shop: Shop, path: str) -> tuple[int, int]:
    """How many statements it took to answer, and how many rows are in the answer."""
    with counted_statements() as taken:
        answer = shop.get(path)
    assert answer.status_code == 200, answer.text
    return taken(), len(answer.json["items"])


@pytest.mark.parametrize("path", LISTS)
def test_a_page_of_many_takes_as_many_statements_as_one_of_one(shop: Shop, path: str) -> None:
    path = LISTS[path](shop) or path

    one, many = (statements(shop, f"{path}?limit={limit}") for limit in (1, ROWS))

    assert (one[1], many[1]) == (1, ROWS)
    assert 0 < many[0] <= one[0] + 1


def test_a_cart_of_many_lines_takes_as_many_statements_as_one_of_one(shop: Shop) -> None:
    prices = [{"currency": "EUR", "amount_minor": 100}]
    product = shop.product(variants=[{"sku": f"C-{number}", "prices": prices} for number in range(ROWS)])

    def least(number: int) -> int:
        lines = [{"sku": one["sku"], "quantity": 1} for one in product["variants"][:number]]
        cart = shop.post("/v1/carts", {"lines": lines}).json["id"]
        with counted_statements() as taken:
            assert shop.get(f"/v1/carts/{cart}").status_code == 200
        return taken()

    one, many = least(1), least(ROWS)

    assert 0 < many <= one + 1
