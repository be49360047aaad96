"""The count of an attribute's value is what choosing it finds: in search, facet values and InstantSearch alike."""

from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask

from api.http.tokens import AccessTokens
from tests.integration.api.shops import Shop, opened_shop
from tests.integration.api.test_searched_words import article, attribute, find, put_into_search  # noqa: F401  # a fixture

pytestmark = pytest.mark.servers

#: What reads alike in several kinds; numbers that a float takes for one; what has no sign or no end in a float.
SAID = {
    "organic": [attribute(boolean=True), attribute(text="true"), attribute(text="true"), attribute(boolean=False)],
    "x": [
        attribute(number="5"),
        attribute(number="5.0"),
        attribute(text="5"),
        attribute(text="5"),
        attribute(texts=("5", "a")),
        attribute(number="0"),
        attribute(number="-0"),
    ],
    "big": [attribute(number="9007199254740993"), attribute(number="9007199254740992")],
    "small": [attribute(number="0.000000000001"), attribute(number="0.1"), attribute(number="100.000")],
}
COUNTED = {
    "organic": {"true": 3, "false": 1},
    "x": {"5": 5, "0": 2, "a": 1},
    "big": {"9007199254740993": 1, "9007199254740992": 1},
    "small": {"0.000000000001": 1, "0.1": 1, "100": 1},
}


@pytest.fixture(scope="module")
def shop(app: APIFlask, tokens: AccessTokens, put_into_search: Callable[..., None]) -> Shop:  # noqa: F811
    made = opened_shop(app.test_client(), tokens)
    put_into_search(
        made,
        *(article("Thing", typed_attributes={name: value}) for name, values in SAID.items() for value in values),
    )
    return made


def widgets(shop: Shop, **asked: Any) -> Any:
    answer = shop.client.post("/search/1/indexes/products/query", json=asked, headers=shop.headers("customer"))
    assert answer.status_code == 200, answer.text
    return answer.json


@pytest.mark.parametrize("name", SAID)
def test_a_value_is_counted_once_in_whatever_kinds_it_is_said(shop: Shop, name: str) -> None:
    facets = {one["name"]: one for one in find(shop, facets="attribute")["facets"]["attributes"]}
    values = shop.get(f"/v1/search/facet-values?facet=attribute:{name}").json["values"]

    assert {one["value"]: one["count"] for one in facets[name]["values"]} == COUNTED[name]
    assert {one["value"]: one["count"] for one in values} == COUNTED[name]
    assert widgets(shop, facets=[f"attributes.{name}"])["facets"][f"attributes.{name}"] == COUNTED[name]
    assert widgets(shop, facets=["*"])["facets"][f"attributes.{name}"] == COUNTED[name]


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in COUNTED.items() for value in values])
def test_choosing_a_value_finds_as_many_as_were_counted(shop: Shop, name: str, value: str) -> None:
    count = COUNTED[name][value]

    found = find(shop, attribute=f"{name}:{value}", facets="attribute", facet_size=1)

    assert found["total"] == count
    (own,) = (one for one in found["facets"]["attributes"] if one["name"] == name)
    assert {one["value"]: one["count"] for one in own["values"]}[value] == count
    assert widgets(shop, filters=f'attributes.{name}:"{value}"')["nbHits"] == count


@pytest.mark.parametrize("written", ["x:5.00", "x:+5", "x:05"])
def test_a_number_is_found_however_it_is_written(shop: Shop, written: str) -> None:
    assert find(shop, attribute=written)["total"] == 5


def test_numbers_are_written_out_and_equal_ones_are_exact(shop: Shop) -> None:
    facets = {one["name"]: one for one in find(shop, facets="attribute")["facets"]["attributes"]}

    assert facets["small"]["range"] == {"min": "0.000000000001", "max": "100"}
    assert facets["x"]["range"] == {"min": "0", "max": "5"}
    assert widgets(shop, numericFilters=["attributes.big=9007199254740993"])["nbHits"] == 1
    assert widgets(shop, numericFilters=["attributes.x=-0"])["nbHits"] == 2
    assert widgets(shop, numericFilters=["attributes.x=5"])["nbHits"] == 2
