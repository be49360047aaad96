"""A category finds its products: as it is named and where it is now, at any height of the tree, in this shop only."""

import json
from contextlib import closing
from uuid import UUID

import pytest

from sinks.opensearch.opensearch_client import OpenSearchStore, index_name
from sinks.search import product_documents
from tests.support.shops import open_shop, put_on_sale, sell
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chain

SEARCH = "/v1/search/products"
CATEGORIES = index_name(product_documents.MODEL, "categories")


@pytest.fixture(scope="module")
def shop(stack):
    """Bakery › Bread, with two products in Bread and one, of the same word in its title, outside."""
    made = open_shop(stack, locales=["en", "de"])
    bakery = category(made, "Bakery", de="Backwaren")
    bread = category(made, "Bread", de="Brot", parent_id=bakery["id"])
    done = [
        put_on_sale(made, "Rye loaf", sku="RYE", category_ids=[bread["id"]]),
        put_on_sale(made, "Wholemeal loaf", sku="WHOLE", category_ids=[bread["id"]]),
        put_on_sale(made, "Bakery paper", sku="PAPER"),
    ]
    made.get(SEARCH, after=[one["receipt"] for one in (bakery, bread, *done)], wait=20)
    return made


def category(shop, name, *, de, **more):
    names = [{"locale": "en", "name": name}, {"locale": "de", "name": de}]
    return shop.post("/v1/categories", {"translations": names, **more})


def listed(shop, name):
    found = shop.get("/v1/categories")["items"]
    return next(UUID(one["id"]) for one in found if name in [text["name"] for text in one["translations"]])


def rename(shop, id_, name, **also):
    names = [{"locale": "en", "name": name}, *({"locale": locale, "name": other} for locale, other in also.items())]
    return shop.patch(f"/v1/categories/{id_}", {"translations": names})


def titles(shop, q, **more):
    """Of what has every word."""
    found = shop.get(SEARCH, q=q, **more)
    return [hit["title"] for hit in found["hits"]] if found["match"] == "all" else []


def test_its_own_words_and_those_of_its_ancestors_find_a_product(shop):
    assert sorted(titles(shop, "bread")) == ["Rye loaf", "Wholemeal loaf"]
    assert sorted(titles(shop, "bakery")) == ["Bakery paper", "Rye loaf", "Wholemeal loaf"]
    assert titles(shop, "rye bread") == ["Rye loaf"]
    assert titles(shop, "bread rye bakery") == ["Rye loaf"]
    assert titles(shop, "paper bread") == []


def test_what_has_the_word_itself_comes_first(shop):
    assert titles(shop, "bakery")[0] == "Bakery paper"


def test_it_is_found_in_the_language_that_is_searched(shop):
    assert titles(shop, "brot", locale="de-AT") == titles(shop, "backwaren", locale="de") != []
    assert titles(shop, "brot", locale="en") == []


def test_a_category_that_has_no_name_in_a_language_is_found_by_the_one_that_is_shown(shop):
    cheese = shop.post("/v1/categories", {"translations": [{"locale": "en", "name": "Cheese"}]})
    done = put_on_sale(shop, "Gouda", sku="GOUDA", category_ids=[cheese["id"]])

    assert titles(shop, "cheese", locale="de", after=[cheese["receipt"], done["receipt"]]) == ["Gouda"]


def test_facets_count_what_was_found_by_a_category(shop):
    found = shop.get(SEARCH, q="bread")["facets"]["categories"]

    assert {(bucket["label"], bucket["count"]) for bucket in found} == {("Bakery", 2), ("Bread", 2)}


def test_another_shop_finds_nothing_by_it(stack, shop):
    other = open_shop(stack)
    done = put_on_sale(other, "Rye loaf", sku="RYE")

    assert titles(other, "bread", after=done["receipt"]) == []
    assert titles(other, "rye bread") == []


def test_a_renamed_category_is_found_by_its_new_name_only_and_no_product_is_written(stack, shop):
    toys = category(shop, "Playthings", de="Spielzeug")
    done = put_on_sale(shop, "Ball", sku="BALL", category_ids=[toys["id"]])
    before = titles(shop, "playthings", after=[toys["receipt"], done["receipt"]])
    version = shop.get(SEARCH, q="ball")["hits"][0]["version"]

    renamed = rename(shop, toys["id"], "Toys", de="Spielsachen")

    assert before == ["Ball"]
    assert titles(shop, "toys", after=renamed["receipt"]) == ["Ball"]
    assert titles(shop, "playthings") == []
    assert titles(shop, "spielsachen", locale="de") == ["Ball"]
    assert shop.get(SEARCH, q="ball")["hits"][0]["version"] == version


def facets(shop, **asked):
    found = shop.get(SEARCH, **asked)["facets"]["categories"]
    return {bucket["label"]: bucket["count"] for bucket in found}


def test_a_moved_category_is_searched_and_counted_where_it_is_and_no_product_is_written(stack, shop):
    garden, house = category(shop, "Garden", de="Garten"), category(shop, "House", de="Haus")
    tools = category(shop, "Tools", de="Werkzeug", parent_id=garden["id"])
    spades = category(shop, "Spades", de="Spaten", parent_id=tools["id"])
    done = [
        put_on_sale(shop, "Digger", sku="DIG", category_ids=[spades["id"], tools["id"]]),
        put_on_sale(shop, "Hammer", sku="HAM", category_ids=[tools["id"]]),
    ]
    sold = sell(shop, "DIG")
    receipts = [one["receipt"] for one in (garden, house, tools, spades, *done)]
    before = sorted(titles(shop, "", category=garden["id"], after=receipts))

    moved = shop.post(f"/v1/categories/{tools['id']}/move", {"parent_id": house["id"]})

    assert before == ["Digger", "Hammer"]
    assert sorted(titles(shop, "", category=house["id"], after=moved["receipt"])) == before
    assert titles(shop, "", category=garden["id"]) == []
    assert titles(shop, "digger house") == ["Digger"]
    assert titles(shop, "digger garden") == []
    assert facets(shop, q="house") == {"House": 2, "Tools": 2, "Spades": 1}
    assert shop.get(SEARCH, q="digger")["hits"][0]["version"] == 2
    told = stack.rustok("sinks", "verify", "product-search", "--tenant", shop.slug, "--json", check=False)
    assert json.loads(told.stdout)["examples"] == []
    sales = shop.get("/v1/analytics/sales", split="category", after=sold["receipt"], wait=30)
    assert [row["category"] for row in sales["rows"]] == ["Garden"]


def test_a_deleted_category_finds_nothing_and_what_was_in_it_is_found_by_its_parent(stack, shop):
    sport = category(shop, "Sport", de="Sport")
    rackets = category(shop, "Rackets", de="Schläger", parent_id=sport["id"])
    done = put_on_sale(shop, "Shuttlecock", sku="FEATHER", category_ids=[rackets["id"]])
    before = titles(shop, "rackets", after=[sport["receipt"], rackets["receipt"], done["receipt"]])

    gone = shop.delete(f"/v1/categories/{rackets['id']}?reparent=true")
    product = shop.get(f"/v1/products/{done['id']}")

    assert before == ["Shuttlecock"]
    assert product["category_ids"] == [sport["id"]]
    assert titles(shop, "rackets", after=gone["receipt"]) == []
    wait_until(lambda: facets(shop, q="shuttlecock") == {"Sport": 1}, 20, "it is counted in the parent")
    told = stack.rustok("sinks", "verify", "product-search", "--tenant", shop.slug, "--json", check=False)
    assert json.loads(told.stdout)["examples"] == []


def test_a_category_that_the_index_lacks_or_has_wrong_is_told_of_and_mended(stack, shop):
    bread = listed(shop, "Bread")
    with closing(OpenSearchStore(stack.settings.opensearch_url)) as store:
        readers = product_documents.MODEL.published(stack.settings)
        tenant = next(
            UUID(hit["_source"]["tenant_id"]) for hit in [store.get(CATEGORIES, str(bread))] if hit is not None
        )
        readers.forget(list(readers.some("categories", tenant, [bread]).values()))
    assert titles(shop, "bread") == []

    found = json.loads(
        stack.rustok("sinks", "verify", "product-search", "--tenant", shop.slug, "--json", check=False).stdout
    )
    mended = json.loads(
        stack.rustok("sinks", "verify", "product-search", "--tenant", shop.slug, "--json", "--repair").stdout
    )

    assert [(one["kind"], one["collection"], one["id"]) for one in found["examples"]] == [
        ("missing", "categories", str(bread))
    ]
    assert (mended["repaired"], mended["examples"]) == (1, [])
    assert sorted(titles(shop, "bread")) == ["Rye loaf", "Wholemeal loaf"]


def test_categories_that_are_thrown_away_come_back_and_find_the_same(stack, shop):
    before = [titles(shop, word) for word in ("bread", "bakery", "rye bakery")]
    with closing(OpenSearchStore(stack.settings.opensearch_url)) as store:
        store.drop_index(CATEGORIES)

    wait_until(lambda: titles(shop, "bread") == before[0], 60, "the categories are there again")
    assert [titles(shop, word) for word in ("bread", "bakery", "rye bakery")] == before
