"""An article is found by what people type, scan or follow."""

import json

import pytest

from tests.support.shops import open_shop, put_on_sale

pytestmark = pytest.mark.chain

SEARCH = "/v1/search/products"


@pytest.fixture(scope="module")
def shop(stack):
    made = open_shop(stack)
    variants = [
        {"sku": "Tin-7b", "barcode": "0 12345 67890 5", "prices": [{"currency": "EUR", "amount_minor": 250}]},
        {"sku": "Tin-8", "barcode": "Shelf 8", "prices": []},
    ]
    variants[0] |= {"weight_g": 400, "option_values": {"size": "large"}}
    facts = {"organic": True, "fat": {"number": "0.50"}, "origin": "Italy", "uses": ["soup", "sauce"]}
    done = put_on_sale(made, "Plum tomatoes", variants=variants, attributes=facts)
    made.get(SEARCH, after=[done["receipt"]], wait=20)
    return made


@pytest.mark.parametrize("typed", ["tin-7B", " Tin-8 ", "012345678905", "0012345678905", "SHELF 8"])
def test_a_code_finds_its_article_however_it_is_written(shop, typed):
    assert [hit["title"] for hit in shop.get(SEARCH, q=typed)["hits"]] == ["Plum tomatoes"]


def test_part_of_a_code_finds_nothing(shop):
    assert shop.get(SEARCH, q="12345678905")["hits"] == []


def test_what_an_article_is_like_is_indexed_as_the_tables_have_it(stack, shop):
    done = stack.rustok("sinks", "verify", "product-search", "--tenant", shop.slug, "--json")

    found = json.loads(done.stdout)
    assert (found["examples"], found["checked"]) == ([], 1)
