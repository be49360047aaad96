"""What whoever asks pays, in search: shown, filtered, sorted by; as soon as a list says so, and by the clock alone."""

import json
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from api.domain.permissions import Role
from api.issue_tokens import actors_named, issue_tokens
from ops.demo.shop_client import Shop
from sinks.opensearch.opensearch_client import OpenSearchStore, index_name
from sinks.search import product_documents
from tests.support.shops import VALID, open_shop, put_on_sale
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


def test_the_price_of_a_list_is_shown_sorted_and_filtered_by_and_a_groups_to_nobody_else(shop):
    everything = shop.get(SEARCH, sort="price_asc")

    assert found(shop, sort="price_asc") == [("Listed", 100), ("Middle", 500), ("Grouped", 700)]
    assert found(shop, sort="price_desc") == [("Grouped", 700), ("Middle", 500), ("Listed", 100)]
    assert found(shop, price_max=200) == [("Listed", 100)]
    assert found(shop, price_min=600) == [("Grouped", 700)]
    assert everything["facets"]["price"] == {"min_minor": 100, "max_minor": 700}


@pytest.fixture(scope="module")
def member(stack, shop):
    """The shop as somebody sees it who signed in and is in the group `trade`."""
    made = shop.post("/v1/users", {"email": "anna@shop.example", "name": "Anna", "role": "customer"})
    shop.patch(f"/v1/users/{made['id']}", {"customer_group": "trade"})
    actors = actors_named(stack.settings, [shop.slug], made["id"], Role.CUSTOMER)
    (issued,) = issue_tokens(stack.settings, actors, VALID).values()
    return Shop(stack.settings.api_url, shop.slug, issued)


def test_a_member_of_a_group_searches_at_its_prices_and_at_the_general_ones_where_it_has_none(shop, member):
    everything = member.get(SEARCH, sort="price_asc")

    assert found(member, sort="price_asc") == [("Grouped", 100), ("Listed", 100), ("Middle", 500)]
    assert found(member, sort="price_desc") == [("Middle", 500), ("Grouped", 100), ("Listed", 100)]
    assert found(member, price_min=600) == []
    assert everything["facets"]["price"] == {"min_minor": 100, "max_minor": 500}
    assert found(shop, sort="price_asc", customer_group="trade") == found(member, sort="price_asc")
    assert found(shop, sort="price_desc")[0] == ("Grouped", 700)


def test_a_list_of_a_group_begins_and_ends_in_search_by_the_clock_for_the_group_alone(shop, member):
    put_on_sale(shop, "Pendulum", sku="pendulum", amount_minor=1000)
    starts = datetime.now(UTC) + timedelta(seconds=3)
    moments = {"starts_at": starts.isoformat(), "ends_at": (starts + timedelta(seconds=6)).isoformat()}
    week = shop.post("/v1/price-lists", {"name": "Trade week", "customer_group": "trade", **moments})
    done = shop.patch(f"/v1/price-lists/{week['id']}/prices", {"items": [{"sku": "pendulum", "amount_minor": 800}]})
    shop.get(SEARCH, after=[done["items"][0]["receipt"]], wait=20)

    wait_until(lambda: found(member, q="pendulum") == [("Pendulum", 800)], 60, "it is in search for the group")
    assert found(shop, q="pendulum") == [("Pendulum", 1000)]
    wait_until(lambda: found(member, q="pendulum") == [("Pendulum", 1000)], 60, "it is gone again")


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


def test_prices_that_search_lost_or_has_wrong_are_found_out_and_said_again(stack):
    shop = open_shop(stack)
    products = [put_on_sale(shop, f"Pears {n}", sku=f"P-{n}", amount_minor=900) for n in range(4)]
    sale, trade = (shop.post("/v1/price-lists", {"name": str(its), "customer_group": its}) for its in (None, "trade"))
    items = [{"sku": f"P-{n}", "amount_minor": 100 + n} for n in range(4)]
    shop.patch(f"/v1/price-lists/{trade['id']}/prices", {"items": [{**one, "amount_minor": 50} for one in items]})
    done = shop.patch(f"/v1/price-lists/{sale['id']}/prices", {"items": items})
    shop.get(SEARCH, after=[one["receipt"] for one in done["items"]], wait=20)
    right = {(f"Pears {n}", 100 + n) for n in range(4)}
    readers = product_documents.MODEL.published(stack.settings)
    with closing(OpenSearchStore(stack.settings.opensearch_url)) as store:
        index = index_name(product_documents.MODEL, "products")
        hit = store.get(index, products[0]["id"])
        assert hit is not None
        tenant = UUID(hit["_source"]["tenant_id"])
        own = list(readers.documents("products", tenant, None))
        prices = list(readers.documents("products", tenant, None, product_documents.PRICES_PART))
        missing, wrong, *_ = prices
        readers.forget([missing])
        with closing(product_documents.MODEL.sink(stack.settings)) as sink:
            sink.open()
            sink.write([replace(wrong, document={**wrong.document, "prices": {"EUR": [1]}, "group_prices": []})], {})
        store.refresh([index])

    damaged = {minor for _, minor in found(shop)}
    first = verify(stack, shop)
    second = verify(stack, shop, "--repair")
    repaired = set(found(shop))
    readers.forget([*prices, *own])
    nothing = verify(stack, shop)
    for aggregate in ("product", "product_prices"):
        stack.rustok("streams", "re-emit", aggregate, "--tenant", shop.slug, "--json")
    wait_until(lambda: set(found(shop)) == right, 30, "all prices are there again")
    last = verify(stack, shop)

    assert {1, 900} <= damaged
    assert Counter(one["kind"] for one in first["examples"]) == {"missing": 1, "different": 1}
    assert {one["reason"] for one in first["examples"]} >= {"other values in group_prices, prices"}
    assert (second["repaired"], repaired) == (2, right)
    assert (nothing["missing"], last["examples"]) == (8, [])
    readers.close()


def verify(stack, shop, *arguments):
    done = stack.rustok("sinks", "verify", "product-search", "--tenant", shop.slug, "--json", *arguments, check=False)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)
