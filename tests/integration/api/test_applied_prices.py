"""Prices that apply now, in answers about products: to whom, until when, what they were, and never an old one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.integration.api.shops import Shop, imported_product
from tests.support.counted_statements import counted_statements
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

ROWS = 100


def on_sale(shop: Shop, minor: int = 1000) -> dict[str, Any]:
    prices = [{"currency": "EUR", "amount_minor": minor}, {"currency": "JPY", "amount_minor": 1500}]
    text = [{"locale": "en", "title": "Mug", "handle": f"mug-{uuid4().hex[:8]}"}]
    product = shop.product(translations=text, variants=[{"sku": f"MUG-{uuid4().hex[:8]}", "prices": prices}])
    handle = f"mugs-{uuid4().hex[:8]}"
    body = {"translations": [{"locale": "en", "title": "Mugs", "handle": handle}], "product_ids": [product["id"]]}
    shop.post(f"/v1/collections/{shop.post('/v1/collections', body).json['id']}/publish")
    return product


def sku_of(product: dict[str, Any]) -> str:
    return str(product["variants"][0]["sku"])


def price_list(shop: Shop, sku: str, *tiers: tuple[int, int], compare_at: int | None = None, **more: Any) -> str:
    made = shop.post("/v1/price-lists", {"name": f"List {uuid4().hex[:8]}", **more})
    assert made.status_code == 201, made.text
    items = [
        {"sku": sku, "from_quantity": number, "amount_minor": minor, "compare_at_minor": compare_at}
        for number, minor in tiers
    ]
    done = shop.call("PATCH", f"/v1/price-lists/{made.json['id']}/prices", {"items": items})
    assert done.json["created"] == len(tiers), done.text
    return str(made.json["id"])


def places(product: dict[str, Any]) -> Iterator[str]:
    """Where a product is asked for by itself."""
    yield f"/v1/products/{product['id']}"
    yield f"/v1/products/by-handle/{product['translations'][0]['handle']}"
    yield f"/v1/products/by-sku/{sku_of(product)}"


def pages(shop: Shop, product: dict[str, Any]) -> Iterator[str]:
    """Where it is among others."""
    (mugs,) = shop.get(f"/v1/products/{product['id']}/collections").json["items"]
    yield "/v1/products"
    yield f"/v1/collections/{mugs['id']}/products"
    yield f"/v1/collections/by-handle/{mugs['translations'][0]['handle']}/products"


def price(shop: Shop, product: dict[str, Any], asked: str = "currency=EUR", **how: Any) -> Any:
    """The same, wherever it is asked."""
    who = {"role": "anonymous", **how}
    answers = [shop.get(f"{place}?{asked}", **who) for place in places(product)]
    listed = [shop.get(f"{page}?{asked}&limit=100", **who) for page in pages(shop, product)]
    assert [page.headers["Cache-Control"] for page in listed] == ["no-store"] * 3
    in_lists = [one for page in listed for one in page.json["items"] if one["id"] == product["id"]]
    told = [one["variants"][0].get("price") for one in (*(answer.json for answer in answers), *in_lists)]
    assert told == [told[0]] * 6
    return told[0]


def test_each_variant_says_what_it_costs_now_who_says_so_and_until_when(shop: Shop) -> None:
    product = on_sale(shop)
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(days=7)
    sale = price_list(shop, sku_of(product), (1, 800), (6, 700), compare_at=1000, ends_at=ends.isoformat())
    price_list(shop, sku_of(product), (1, 1), starts_at=(ends + timedelta(days=1)).isoformat())
    shop.call("PUT", "/v1/checkout/taxes", {"prices_include_tax": True, "rates": []})

    of_one, of_six = price(shop, product), price(shop, product, "quantity=6")

    assert of_one == {
        "currency": "EUR",
        "amount_minor": 800,
        "compare_at_minor": 1000,
        "price_list_id": sale,
        "from_quantity": 1,
        "valid_until": ends.isoformat().replace("+00:00", "Z"),
        "tax_included": True,
        "lowest_minor": 1000,
    }
    assert (of_six["amount_minor"], of_six["from_quantity"], of_six["lowest_minor"]) == (700, 6, None)
    own = price(shop, product, "currency=JPY")
    assert (own["amount_minor"], own["price_list_id"], own["valid_until"], own["lowest_minor"]) == (
        1500,
        None,
        None,
        None,
    )
    assert price(shop, product, "currency=KWD") is None


def test_without_being_asked_no_prices_are_looked_up(shop: Shop) -> None:
    product = on_sale(shop)

    answers = [shop.get(place, role="anonymous") for place in places(product)]
    listed = [shop.get(page, role="anonymous").json["items"] for page in pages(shop, product)]

    assert [one.json["variants"] for one in answers] == [product["variants"]] * 3
    assert [items[0]["variants"] for items in listed] == [product["variants"]] * 3
    assert "price" not in product["variants"][0]
    assert answers[0].headers["ETag"] == f'"{product["version"]}"'


def test_a_customer_is_shown_the_price_of_their_group_and_nobody_names_one_for_themselves(shop: Shop) -> None:
    product = on_sale(shop)
    price_list(shop, sku_of(product), (1, 600), customer_group="trade", compare_at=1000)
    body = {"email": f"{uuid4().hex}@shop.example", "name": "Anna", "role": "customer"}
    anna = shop.post("/v1/users", body).json["id"]
    shop.call("PATCH", f"/v1/users/{anna}", {"customer_group": "trade"})

    hers = price(shop, product, role="customer", actor=anna)

    assert (hers["amount_minor"], hers["compare_at_minor"], hers["lowest_minor"]) == (600, 1000, None)
    assert price(shop, product)["amount_minor"] == 1000
    assert price(shop, product, "customer_group=trade", role="manager")["amount_minor"] == 600
    for place in (*places(product), *pages(shop, product)):
        for role, actor in (("anonymous", "-"), ("customer", anna)):
            assert shop.get(f"{place}?customer_group=trade", role=role, actor=actor).status_code == 403
        for wrong in ("currency=XXX", "quantity=0", "customer_group=A%20B"):
            assert shop.get(f"{place}?{wrong}").status_code == 422, (place, wrong)


def test_a_sale_that_begins_by_the_clock_makes_an_answer_that_was_kept_an_old_one(shop: Shop) -> None:
    product = on_sale(shop)
    path = f"/v1/products/by-handle/{product['translations'][0]['handle']}?currency=EUR"
    starts = datetime.now(UTC) + timedelta(seconds=2)
    price_list(shop, sku_of(product), (1, 800), starts_at=starts.isoformat())

    before = shop.get(path, role="anonymous")
    tag = before.headers["ETag"]
    kept = shop.get(path, role="anonymous", If_None_Match=tag)
    after = wait_until(
        lambda: answer if (answer := shop.get(path, role="anonymous", If_None_Match=tag)).status_code == 200 else None,
        10,
        "the sale begins",
    )

    shown = before.json["variants"][0]["price"]
    assert (shown["amount_minor"], datetime.fromisoformat(shown["valid_until"])) == (1000, starts)
    assert (kept.status_code, before.headers["Cache-Control"]) == (304, "private, no-cache")
    assert datetime.now(UTC) >= starts
    assert after.json["variants"][0]["price"]["amount_minor"] == 800
    assert after.json["version"] == before.json["version"]


def test_a_page_of_many_prices_takes_as_many_statements_as_one_of_one(shop: Shop) -> None:
    prices = [{"currency": "EUR", "amount_minor": 1000}]
    given = [imported_product(f"p{at}", variants=[{"sku": f"{at}", "prices": prices}]) for at in range(ROWS)]
    assert shop.post("/v1/imports/products", {"items": given}).json["created"] == ROWS
    list_ = shop.post("/v1/price-lists", {"name": "Sale"}).json["id"]
    items = [{"sku": f"{at}", "off_bp": 1000} for at in range(ROWS)]
    assert shop.call("PATCH", f"/v1/price-lists/{list_}/prices", {"items": items}).json["created"] == ROWS

    text = [{"locale": "en", "title": "All", "handle": "all"}]
    rule = {"conditions": [{"field": "price", "currency": "EUR", "least_minor": 1}]}
    shop.post(
        f"/v1/collections/{shop.post('/v1/collections', {'translations': text, 'rule': rule}).json['id']}/publish"
    )

    def taken(page: str, limit: int) -> int:
        with counted_statements() as statements:
            answer = shop.get(f"{page}?currency=EUR&limit={limit}", role="anonymous")
        told = [one["variants"][0]["price"] for one in answer.json["items"]]
        assert [(one["amount_minor"], one["lowest_minor"]) for one in told] == [(900, 1000)] * limit
        return statements()

    for page in ("/v1/products", "/v1/collections/by-handle/all/products"):
        one, many = (taken(page, limit) for limit in (1, ROWS))

        assert 0 < many <= one + 1, page
