from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any
from uuid import uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.instantsearch.answers.hit_answers import retrieved
from api.instantsearch.asked.attribute_names import EVERY
from api.instantsearch.asked.call_body import facet_of, one_of, several
from api.instantsearch.asked.filter_expression import filter_expression
from api.instantsearch.asked.list_filters import facet_filters, numeric_filters, tag_filters
from api.instantsearch.asked.parameters import ONLY_AS, READERS, WITHOUT_EFFECT
from api.instantsearch.questions import questions
from api.instantsearch.refusals import NotAsked
from sinks.search.product_choices import AllOf, AnyOf, Attribute, Is, Not, Within
from sinks.search.product_query import ProductQuery
from sinks.search.product_request import request

BRAND, TAG, PRICE, STOCK = Attribute("brand"), Attribute("tag"), Attribute("price"), Attribute("stock")


@pytest.mark.parametrize(
    ("given_", "meant"),
    [
        ("brand:A:B", [Is(BRAND, ("A:B",))]),
        (["brand:A", "tags:new"], [Is(BRAND, ("A",)), Is(TAG, ("new",))]),
        ([["brand:A", "brand:B"]], [Is(BRAND, ("A", "B"))]),
        ([["brand:A", "tags:new"]], [AnyOf((Is(BRAND, ("A",)), Is(TAG, ("new",))))]),
        (["brand:-A"], [Not(Is(BRAND, ("A",)))]),
        (["brand:\\-A"], [Is(BRAND, ("-A",))]),
        (["price:1.5"], [Within(PRICE, {"gte": 150, "lte": 150})]),
        (["categories.lvl1:Food > Cheese"], [Is(Attribute("category", level=1), ("Food > Cheese",))]),
        (["options.size:L"], [Is(Attribute("option", "size"), ("L",))]),
        ('[["brand:A"]]', [Is(BRAND, ("A",))]),
        ("brand:A,tags:-new", [Is(BRAND, ("A",)), Not(Is(TAG, ("new",)))]),
        ('brand:"one, \\"two\\"", tags:new', [Is(BRAND, ('one, "two"',)), Is(TAG, ("new",))]),
        ("brand:-'a, b'", [Not(Is(BRAND, ("a, b",)))]),
        ('brand:"-minus"', [Is(BRAND, ("-minus",))]),
        ("brand:O'Neill,brand:6\"", [Is(BRAND, ("O'Neill",)), Is(BRAND, ('6"',))]),
        (['brand:"A, B"'], [Is(BRAND, ('"A, B"',))]),
        ("in_stock:true", [Is(STOCK, ("true",))]),
        ([], []),
        (None, []),
    ],
)
def test_facet_filters_are_read(given_: Any, meant: list[Any]) -> None:
    assert facet_filters(given_, "EUR") == meant


@pytest.mark.parametrize(
    ("given_", "currency", "meant"),
    [
        (["price>=1", "price<=2.5"], "EUR", [Within(PRICE, {"gte": 100, "lte": 250})]),
        (["price>1.005"], "EUR", [Within(PRICE, {"gt": 100})]),
        (["price>=1.005"], "EUR", [Within(PRICE, {"gte": 101})]),
        (["price<1.005"], "EUR", [Within(PRICE, {"lt": 101})]),
        (["price = 7"], "JPY", [Within(PRICE, {"gte": 7, "lte": 7})]),
        (["price:1 TO 2"], "KWD", [Within(PRICE, {"gte": 1000, "lte": 2000})]),
        ("price>1,price<=3", "EUR", [Within(PRICE, {"gt": 100, "lte": 300})]),
        (
            [["price<1", "price>9"]],
            "EUR",
            [AnyOf((Within(PRICE, {"lt": 100}), Within(PRICE, {"gt": 900})))],
        ),
        (["price!=2"], "EUR", [Not(Within(PRICE, {"gte": 200, "lte": 200}))]),
        (["attributes.fat<3e-1"], "EUR", [Within(Attribute("attribute", "fat"), {"lt": Decimal("0.3")})]),
        (["in_stock=1"], "EUR", [Is(STOCK, ("true",))]),
    ],
)
def test_numeric_filters_are_read_exactly(given_: Any, currency: str, meant: list[Any]) -> None:
    assert numeric_filters(given_, currency) == meant


def test_tag_filters_are_values_of_tags() -> None:
    assert tag_filters("new,-old", "EUR") == [Is(TAG, ("new",)), Not(Is(TAG, ("old",)))]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("brand:A AND price < 10", [Within(PRICE, {"lt": 1000}), Is(BRAND, ("A",))]),
        ("brand:A AND brand:B OR brand:C", [Is(BRAND, ("A",)), Is(BRAND, ("B", "C"))]),
        ("(brand:A OR tags:new) AND NOT brand:'B C'",
         [AnyOf((Is(BRAND, ("A",)), Is(TAG, ("new",)))), Not(Is(BRAND, ("B C",)))]),
        ('brand:"say \\"x\\" AND \\\\"', [Is(BRAND, ('say "x" AND \\',))]),
        ("brand:AND", [Is(BRAND, ("AND",))]),
        ("NOT NOT brand:A", [Not(Not(Is(BRAND, ("A",))))]),
        ("price:1 TO 2 AND promo", [Within(PRICE, {"gte": 100, "lte": 200}), Is(TAG, ("promo",))]),
        ("NOT (brand:A AND tags:new)", [Not(AllOf((Is(BRAND, ("A",)), Is(TAG, ("new",)))))]),
        ("brand:A<score=3> OR brand:B<score=1>", [Is(BRAND, ("A", "B"))]),
        ("brand:O'Neill", [Is(BRAND, ("O'Neill",))]),
        ("brand:\\'x", [Is(BRAND, ("'x",))]),
        ('"brand" OR "AND"', [Is(TAG, ("brand", "AND"))]),
        ("price:1 TO 1", [Within(PRICE, {"gte": 100, "lte": 100})]),
        ("price>=1 AND price<=2", [Within(PRICE, {"gte": 100, "lte": 200})]),
        ("  ", []),
    ],
)  # fmt: skip
def test_an_expression_is_read(text: str, meant: list[Any]) -> None:
    assert filter_expression(text, "EUR") == meant


@pytest.mark.parametrize(
    ("read", "given_", "says"),
    [
        (facet_filters, ["brand"], "attribute:value"),
        (facet_filters, ["tenant_id:x"], "tenant_id is no attribute"),
        (facet_filters, [["brand:A", ["brand:B"]]], "list of texts"),
        (facet_filters, "[", "no JSON"),
        (facet_filters, 7, "list of texts"),
        (numeric_filters, ["brand>1"], "compared with numbers"),
        (numeric_filters, ["price>x"], "no number"),
        (numeric_filters, ["price>1e999999999"], "no number"),
        (numeric_filters, ["price"], "to be a comparison"),
        (filter_expression, "brand:A AND", "an attribute was due at character 12"),
        (filter_expression, "brand:A brand:B", "AND, OR or the end was due at character 9"),
        (filter_expression, "(brand:A", "a closing parenthesis"),
        (filter_expression, 'brand:"Verde', "a value was due at character 7"),
        (filter_expression, "brand:A AND brand:'Verde", "a value was due"),
        (filter_expression, '"promo', "an attribute was due"),
        (filter_expression, "AND", "an attribute was due at character 1"),
        (filter_expression, "brand:A AND OR", "an attribute was due"),
        (filter_expression, "price", "price has no value; a tag of this name is written tags:price"),
        (filter_expression, "options.size", "options.size has no value"),
        (filter_expression, "price:10 TO 5", "10 TO 5 is no span"),
        (filter_expression, "in_stock:maybe", "in_stock is true or false"),
        (filter_expression, "NOT in_stock:1", "in_stock is true or false"),
        (facet_filters, ["in_stock:-yes"], "in_stock is true or false"),
        (facet_filters, "brand:one, two", "a value with a comma is quoted"),
        (facet_filters, 'brand:"one, two', "a value with a comma is quoted"),
        (numeric_filters, ["price:10 TO 5"], "10 TO 5 is no span"),
        (filter_expression, "price > ten", "a number was due"),
        (filter_expression, "shown:false", "shown is no attribute"),
        (filter_expression, "(" * 5000, "nested deeper"),
        (filter_expression, "NOT " * 2000 + "brand:A", "nested deeper"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_a_sentence(read: Callable[..., Any], given_: Any, says: str) -> None:
    with pytest.raises(NotAsked, match=says.replace("(", r"\(")):
        read(given_, "EUR")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"requests": []}, "1 to 20 requests"),
        ({"requests": [{"indexName": "products"}] * 21}, "1 to 20 requests"),
        ({}, "a list of requests"),
        ({"requests": [{"indexName": "products", "aroundLatLng": "1,2"}]}, "Unknown parameter: aroundLatLng"),
        ({"requests": [{"indexName": "products", "hitsPerPage": 1001}]}, "hitsPerPage is at most 1000"),
        ({"requests": [{"indexName": "products", "page": -1}]}, "page is to be a whole number"),
        ({"requests": [{"indexName": "products", "facets": [f"options.{n}" for n in range(21)]}]}, "at most 20"),
        ({"requests": [{"indexName": "products", "facets": ["version"]}]}, "version is no attribute"),
        ({"requests": [{"indexName": "products"}, {"indexName": "orders"}]}, r"requests\[1\]: Index orders does not"),
        ({"requests": [{"indexName": "products/xx/EUR/de"}]}, "does not exist"),
        ({"requests": [{"indexName": "products", "type": "facet", "facet": "price"}]}, "cannot be searched"),
        ({"requests": [{"indexName": "products", "filters": " AND ".join(["tags:a"] * 51)}]}, "at most 50"),
    ],
)
def test_a_call_that_asks_too_much_or_for_nothing_is_refused(asked: Any, says: str) -> None:
    with pytest.raises(NotAsked, match=says):
        several(asked, "EUR")


def test_the_form_of_older_clients_means_the_same() -> None:
    newer = one_of({"query": "a b", "facets": ["brand"], "facetFilters": [["brand:A"]], "page": 2}, "products", "EUR")
    older = one_of(
        {"params": "query=a%20b&facets=%5B%22brand%22%5D&facetFilters=%5B%5B%22brand%3AA%22%5D%5D&page=2"},
        "products",
        "EUR",
    )

    assert older == newer


def test_an_index_says_sorting_language_and_money() -> None:
    asked = one_of({"numericFilters": ["price>2"]}, "products_price_desc/de-AT/JPY", "EUR")

    assert (asked.view.sort, asked.view.locale, asked.currency) == ("price_desc", "de-AT", "JPY")
    assert asked.choices == (Within(PRICE, {"gt": 2}),)


def test_a_parameter_is_read_or_taken_as_one_value_or_without_effect() -> None:
    assert not READERS.keys() & WITHOUT_EFFECT
    assert not ONLY_AS.keys() & (READERS.keys() | WITHOUT_EFFECT)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("restrictSearchableAttributes", ["title"]),
        ("restrictSearchableAttributes", "title"),
        ("similarQuery", "blue cheese"),
        ("optionalWords", "blue"),
        ("optionalWords", ["blue"]),
        ("advancedSyntax", True),
        ("enableRules", False),
        ("synonyms", "false"),
    ],
)
def test_what_would_find_other_products_is_refused_by_its_name(name: str, value: Any) -> None:
    with pytest.raises(NotAsked, match=f"^{name}: "):
        one_of({name: value}, "products", "EUR")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("restrictSearchableAttributes", []),
        ("restrictSearchableAttributes", ["*"]),
        ("similarQuery", ""),
        ("optionalWords", None),
        ("advancedSyntax", False),
        ("enableRules", True),
        ("synonyms", "true"),
    ],
)
def test_what_asks_for_what_is_done_anyway_is_taken(name: str, value: Any) -> None:
    assert one_of({name: value, "query": "x"}, "products", "EUR").text == "x"


@pytest.mark.parametrize(
    ("names", "left"),
    [
        (None, {"title", "brand", "price"}),
        (["*"], {"title", "brand", "price"}),
        (["*", "-title"], {"brand", "price"}),
        (["-title"], {"brand", "price"}),
        (["title", "brand", "-brand", "nothing"], {"title"}),
        (["nothing"], set()),
        ([], set()),
        ("[]", set()),
        ("title,price", {"title", "price"}),
    ],
)
def test_a_record_has_the_attributes_that_are_to_be_retrieved(names: Any, left: set[str]) -> None:
    asked = one_of({"attributesToRetrieve": names}, "products", "EUR")

    assert retrieved({"title": "a", "brand": "b", "price": 1}, asked.retrieved).keys() == left


def test_a_value_that_is_chosen_anywhere_in_a_call_is_counted_everywhere() -> None:
    asked = several(
        {
            "requests": [
                {"indexName": "products", "facetFilters": [["brand:Rare"], "brand:-Not"]},
                {"indexName": "products", "facets": "brand", "hitsPerPage": 0},
            ]
        },
        "EUR",
    )

    assert [one.chosen for one in questions(asked)[1].counted] == [("Rare",)]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
PIECES = st.lists(
    st.sampled_from(
        ("AND", "OR", "NOT", "(", ")", ":", "<", ">=", "=", "!=", '"', "'", "\\", "brand", "price", "1.5", "TO", "-",
         "in_stock", "attributes.x", "categories.lvl0", "options.", " > ", "true", "<score=1>", ",", "[", "]")
    ) | st.text(max_size=4),
    max_size=14,
)  # fmt: skip
FILTERS = PIECES.map(" ".join) | PIECES.map("".join)
GARBAGE = st.fixed_dictionaries(
    {"indexName": st.sampled_from(("products", "products_newest/de", "x"))},
    optional={
        **{name: JSON for name in (*READERS, *ONLY_AS) if name != "indexName"},
        "filters": FILTERS,
        "facetFilters": st.lists(FILTERS | st.lists(FILTERS, max_size=3), max_size=3) | FILTERS,
        "numericFilters": st.lists(FILTERS | st.lists(FILTERS, max_size=3), max_size=3) | FILTERS,
        "facets": st.lists(st.sampled_from((*EVERY, "*", "options.a")) | st.text(max_size=5), max_size=4),
        "params": FILTERS | JSON,
    },
)


@given(st.lists(GARBAGE, max_size=3) | JSON)
def test_garbage_is_a_question_or_is_refused(garbage: Any) -> None:
    body = {"requests": garbage}

    try:
        asked = several(body, "EUR")
    except NotAsked:
        return

    for one in questions(asked):
        query = ProductQuery(
            tenant_id=uuid4(),
            text=one.text,
            choices=one.choices,
            counted=one.counted,
            offset=one.offset,
            per_page=one.size,
        )
        made = request(query)
        assert {"term": {"tenant_id": str(query.tenant_id)}} in made["query"]["bool"]["filter"]
        assert {"term": {"shown": True}} in made["query"]["bool"]["filter"]
        assert 0 <= made["from"] + made["size"] <= 10_000
        orjson.dumps(made)


@given(JSON, st.text(max_size=20))
def test_garbage_for_a_facet_is_a_question_or_is_refused(garbage: Any, facet: str) -> None:
    with suppress(NotAsked):
        assert facet_of(garbage, "products", facet, "EUR").facet_search
