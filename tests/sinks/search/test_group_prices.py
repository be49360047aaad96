"""What customer groups pay, in the document of a product: bounded, and never one group's for another's."""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

import pytest

from schemas.events.product_prices import (
    GroupPrice,
    ProductPrices,
    ProductPricesDeleted,
    ProductPricesUpdated,
    PublicPrice,
)
from sinks.search.group_prices import MOST, amounts_in, of_group, term
from sinks.search.price_clauses import amounts_of, priced
from sinks.search.product_choices import Side
from sinks.search.product_documents import price_part
from sinks.search.product_query import ProductQuery
from sinks.search.product_request import request
from tests.support.examples import envelope

RED, BLUE, LIST = uuid4(), uuid4(), uuid4()


def told(
    public: Iterable[tuple[UUID, str, int, UUID | None]] = (), groups: Iterable[tuple[str, UUID, str, int]] = ()
) -> dict[str, Any] | None:
    """The part of a document."""
    prices = ProductPrices(
        id=uuid4(),
        product_id=uuid4(),
        list_prices=(),
        public_prices=tuple(
            PublicPrice(
                variant_id=of, currency=currency, amount_minor=amount, compare_at_minor=None, price_list_id=list_
            )
            for of, currency, amount, list_ in public
        ),
        group_prices=tuple(
            GroupPrice(
                customer_group=group,
                variant_id=of,
                currency=currency,
                amount_minor=amount,
                compare_at_minor=None,
                price_list_id=LIST,
            )
            for group, of, currency, amount in groups
        ),
        next_change_at=None,
    )
    document = price_part(envelope(), ProductPricesUpdated(product_prices=prices, changed=())).document
    assert price_part(envelope(), ProductPricesDeleted(product_prices=prices)).document is None
    return None if document is None else dict(document)


def test_a_variant_without_a_price_of_the_group_costs_it_what_everybody_pays() -> None:
    part = told([(RED, "EUR", 800, LIST), (BLUE, "EUR", 1000, None)], [("trade", RED, "EUR", 600)])

    assert part == {
        "prices": {"EUR": [800, 1000]},
        "groups": ["trade EUR"],
        "group_prices": ["trade EUR 0000000000000600", "trade EUR 0000000000001000"],
    }


def test_a_list_of_a_group_leaves_the_products_own_prices_to_the_product() -> None:
    part = told([(RED, "EUR", 1000, None)], [("trade", RED, "EUR", 600)])

    assert part is not None
    assert part["prices"] == {}
    assert told([(RED, "EUR", 1000, None)]) is None


def test_a_group_may_have_a_price_where_nobody_else_has_one_and_currencies_stay_apart() -> None:
    part = told([(RED, "EUR", 1000, None)], [("trade", RED, "JPY", 600), ("press", RED, "EUR", 600)])

    assert part is not None
    assert amounts_in(part, "trade JPY") == [600]
    assert amounts_in(part, "press EUR") == [600]
    assert amounts_in(part, "trade EUR") == amounts_in(part, "press JPY") == []


def test_names_of_which_one_begins_with_another_are_different_groups() -> None:
    part = told(groups=[(group, RED, "EUR", n) for n, group in enumerate(("trade", "trade-2", "trad", "e"))])

    assert part is not None
    assert [amounts_in(part, of_group(group, "EUR")) for group in ("trade", "trade-2", "trad", "e", "trade-", "")] == [
        [0],
        [1],
        [2],
        [3],
        [],
        [],
    ]


def test_terms_sort_as_their_amounts_do() -> None:
    amounts = [0, 9, 10, 999, 10**9, 10**15, MOST]

    assert sorted(term("g EUR", one) for one in amounts) == [term("g EUR", one) for one in amounts]


@pytest.mark.parametrize("amounts", [{}, {"price_min_minor": 100, "price_max_minor": 900}])
@pytest.mark.parametrize("sort", ["relevance", "price_asc", "price_desc"])
def test_for_a_visitor_nothing_of_any_group_is_looked_at(amounts: Any, sort: Any) -> None:
    asked = request(ProductQuery(tenant_id=uuid4(), sort=sort, **amounts))
    scripts = [one["_script"]["script"].pop("source") for one in asked["sort"] if "_script" in one]

    assert "listed.group" not in json.dumps(asked)
    assert [one["_script"]["script"]["params"]["whose"] for one in asked["sort"] if "_script" in one] == [None] * len(
        scripts
    )


def test_a_member_reads_their_own_prices_out_of_a_hit_and_a_visitor_does_not() -> None:
    part = told([(RED, "EUR", 800, LIST)], [("trade", RED, "EUR", 600), ("press", RED, "EUR", 500)])
    document = {"prices": {"EUR": [1000]}, "listed": [{**(part or {}), "shown": True}]}

    def paid(group: str | None, currency: str = "EUR") -> list[int]:
        return amounts_of(document, ProductQuery(tenant_id=uuid4(), currency=currency, customer_group=group))

    assert [paid(group) for group in ("trade", "press", "other", None)] == [[600], [500], [800], [800]]
    assert paid("trade", "USD") == []
    gone = {"prices": {"EUR": [1000]}, "listed": [{"id": "1", "shown": False}]}
    assert amounts_of(gone, ProductQuery(tenant_id=uuid4(), customer_group="trade")) == [1000]


@pytest.mark.parametrize(
    ("bounds", "low", "high"),
    [
        ({"gte": 100, "lte": 900}, 100, 900),
        ({"gt": 100, "lt": 900}, 101, 899),
        ({"gte": -5}, 0, MOST),
        ({"gt": -1, "lt": 10**30}, 0, MOST),
        ({"gte": 100, "gt": 100, "lte": 100}, None, None),
        ({"lt": 0}, None, None),
        ({"gt": 10**30}, None, None),
    ],
)
def test_any_bounds_become_a_span_of_terms(bounds: dict[Side, int], low: int | None, high: int | None) -> None:
    clause = priced(bounds, ProductQuery(tenant_id=uuid4(), customer_group="trade"))

    (said,) = next(
        way["bool"]["must"]
        for way in clause["bool"]["should"]
        if {"term": {"listed.groups": "trade EUR"}} in way["bool"].get("filter", [])
    )
    if low is None or high is None:
        assert said == {"match_none": {}}
    else:
        assert said["range"]["listed.group_prices"] == {"gte": term("trade EUR", low), "lte": term("trade EUR", high)}
