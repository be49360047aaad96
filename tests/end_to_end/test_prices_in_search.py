"""What everybody pays, in search: shown, filtered and sorted by; as soon as a list says so, and by the clock alone."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.shops import open_shop, put_on_sale
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chain

SEARCH = "/v1/search/products"


@pytest.fixture(scope="module")
def shop(stack):
    """Three products: dear by itself and cheap by a list, in the middle, and cheap for a group only."""
    made = open_shop(stack)
    for name, minor in (("Listed", 900), ("Middle", 500), ("Grouped", 700)):
        put_on_sale(made, name, sku=name, amount_minor=minor)
    for name, sku, group in (("Sale", "Listed", None), ("Trade", "Grouped", "trade")):
        list_ = made.post("/v1/price-lists", {"name": name, "customer_group": group})
        done = made.patch(f"/v1/price-lists/{list_['id']}/prices", {"items": [{"sku": sku, "amount_minor": 100}]})
        made.get(SEARCH, after=[done["items"][0]["receipt"]], wait=20)
    return made


def found(shop, **asked):
    return [(hit["title"], hit["price_min_minor"]) for hit in shop.get(SEARCH, **asked)["hits"]]


def test_the_price_of_a_list_is_shown_sorted_and_filtered_by_and_a_groups_never(shop):
    everything = shop.get(SEARCH, sort="price_asc")

    assert found(shop, sort="price_asc") == [("Listed", 100), ("Middle", 500), ("Grouped", 700)]
    assert found(shop, sort="price_desc") == [("Grouped", 700), ("Middle", 500), ("Listed", 100)]
    assert found(shop, price_max=200) == [("Listed", 100)]
    assert found(shop, price_min=600) == [("Grouped", 700)]
    assert everything["facets"]["price"] == {"min_minor": 100, "max_minor": 700}


def test_a_sale_is_in_search_by_itself_when_it_begins_and_gone_when_it_is_over(shop):
    put_on_sale(shop, "Clockwork", sku="clock", amount_minor=1000)
    starts = datetime.now(UTC) + timedelta(seconds=3)
    moments = {"starts_at": starts.isoformat(), "ends_at": (starts + timedelta(seconds=6)).isoformat()}
    sale = shop.post("/v1/price-lists", {"name": "By the clock", **moments})
    done = shop.patch(f"/v1/price-lists/{sale['id']}/prices", {"items": [{"sku": "clock", "amount_minor": 800}]})
    shop.get(SEARCH, after=[done["items"][0]["receipt"]], wait=20)

    wait_until(lambda: found(shop, q="clockwork") == [("Clockwork", 800)], 60, "the sale is in search")
    wait_until(lambda: found(shop, q="clockwork") == [("Clockwork", 1000)], 60, "it is gone again")


def test_prices_are_verified_part_by_part(stack, shop):
    done = stack.rustok("sinks", "verify", "product-search", "--tenant", shop.slug, "--json")

    told = json.loads(done.stdout)
    assert told["examples"] == []
    assert told["checked"] >= 6  # products, and the prices that lists say of them
