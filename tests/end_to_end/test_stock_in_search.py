"""In stock or not, in search: as soon as it changes, for products that are counted in whole, in part or not at all."""

import json

import pytest

from tests.support.shops import open_shop, put_on_sale

pytestmark = pytest.mark.chain

SEARCH = "/v1/search/products"


@pytest.fixture(scope="module")
def shop(stack):
    """Counted: one that is there, one that is sold out, one sold in advance. One is counted in part, one not at all."""
    made = open_shop(stack)
    for name in ("plenty", "gone", "ahead", "free"):
        put_on_sale(made, name.title(), sku=name)
    prices = [{"currency": "EUR", "amount_minor": 100}]
    put_on_sale(made, "Half", variants=[{"sku": sku, "prices": prices} for sku in ("half-a", "half-b")])
    counts = [("plenty", 5, False), ("gone", 0, False), ("ahead", 0, True), ("half-a", 0, False)]
    done = [made.post("/v1/stock", {"sku": sku, "on_hand": on, "backorder": back}) for sku, on, back in counts]
    made.get(SEARCH, after=[one["receipt"] for one in done], wait=20)
    return made


def titles(found):
    return sorted(hit["title"] for hit in found["hits"])


def test_what_can_be_ordered_is_found_and_counted_as_in_stock(shop):
    all_, inside, out = (shop.get(SEARCH, **asked) for asked in ({}, {"in_stock": "true"}, {"in_stock": "false"}))

    assert titles(inside) == ["Ahead", "Free", "Half", "Plenty"]
    assert titles(out) == ["Gone"]
    assert {hit["title"] for hit in all_["hits"] if not hit["in_stock"]} == {"Gone"}
    assert all_["facets"]["stock"] == out["facets"]["stock"] == {"in_stock": 4, "out_of_stock": 1}
    assert out["facets"]["price"] == {"min_minor": 250, "max_minor": 250}


def test_the_last_one_that_is_sold_is_out_of_stock_and_back_when_the_order_is_cancelled(shop):
    put_on_sale(shop, "Single", sku="single")
    stock = shop.post("/v1/stock", {"sku": "single", "on_hand": 1})

    placed = shop.post("/v1/orders", {"lines": [{"sku": "single", "quantity": 1}]})
    sold = version_of(shop, stock)
    after = shop.get(SEARCH, q="single", after=[receipt(shop, stock, sold)], wait=20)
    shop.post(f"/v1/orders/{placed['id']}/cancel", {"reason": "changed my mind"})
    back = shop.get(SEARCH, q="single", after=[receipt(shop, stock, version_of(shop, stock))], wait=20)

    assert [hit["in_stock"] for hit in (*after["hits"], *back["hits"])] == [False, True]


def test_a_variant_that_is_not_counted_any_more_sells_as_before(shop):
    put_on_sale(shop, "Ended", sku="ended")
    stock = shop.post("/v1/stock", {"sku": "ended"})
    shop.get(SEARCH, after=[stock["receipt"]], wait=20)

    before = shop.get(SEARCH, q="ended", in_stock="true")["total"]
    ended = shop.delete(f"/v1/stock/{stock['id']}")

    assert before == 0
    assert titles(shop.get(SEARCH, q="ended", in_stock="true", after=[ended["receipt"]], wait=20)) == ["Ended"]


def test_stock_is_verified_part_by_part(stack, shop):
    done = stack.rustok("sinks", "verify", "product-search", "--tenant", shop.slug, "--json")

    found = json.loads(done.stdout)
    assert found["examples"] == []
    assert found["checked"] >= 9  # five products, and four rows of stock at least


def version_of(shop, stock):
    return shop.get(f"/v1/stock/{stock['id']}")["version"]


def receipt(shop, stock, version):
    """Of that version: a count that finds as many as there are says where it stands."""
    told = shop.post(f"/v1/stock/{stock['id']}/count", {"on_hand": 1})
    assert told["version"] == version
    return told["receipt"]
