"""What a variant costs: the examples of docs/prices.md, put to the function; and how a price is rounded."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.list_prices import WHOLE_BP, Tier, Wanted, discounted, group_prices, next_change, price_of
from api.domain.money import MOST_MINOR
from schemas.events.price_list import PriceList
from tests.support.price_examples import BASE, EXAMPLES, LISTS, Example, ListExample

MADE = datetime(2026, 1, 1, tzinfo=UTC)


def price_list(example: ListExample, number: int) -> PriceList:
    return PriceList(
        id=uuid4(),
        name=example.name,
        currency=example.currency,
        customer_group=example.customer_group,
        starts_at=example.starts_at,
        ends_at=example.ends_at,
        priority=example.priority,
        active=True,
        created_at=MADE + timedelta(minutes=number),
    )


LIST_BY_NAME = {example.name: price_list(example, number) for number, example in enumerate(LISTS)}
TIERS = [
    Tier(price_list=LIST_BY_NAME[example.name], from_quantity=quantity, amount_minor=amount, compare_at_minor=None)
    for example in LISTS
    for quantity, amount in example.prices
]


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_the_examples_of_the_documentation_are_true(example: Example) -> None:
    asked = None if example.list_asked is None else LIST_BY_NAME[example.list_asked].id
    wanted = Wanted(
        currency=example.currency,
        at=example.at,
        quantity=example.quantity,
        customer_group=example.customer_group,
        price_list_id=asked,
    )

    decided = price_of(BASE, TIERS, wanted)

    by = None if decided is None or decided.price_list is None else decided.price_list.name
    assert (None if decided is None else decided.amount_minor, by) == (example.amount_minor, example.decided_by)


def test_a_list_that_is_not_active_decides_nothing() -> None:
    example = ListExample("Off", "EUR", None, None, None, 99, ((1, 1),))
    off = price_list(example, 0)
    tier = Tier(
        price_list=PriceList(**{name: getattr(off, name) for name in PriceList.__slots__} | {"active": False}),
        from_quantity=1,
        amount_minor=1,
        compare_at_minor=None,
    )

    decided = price_of(BASE, [tier], Wanted(currency="EUR", at=MADE))

    assert decided is not None
    assert decided.price_list is None


def test_the_next_change_is_when_a_list_begins_or_ends_for_whomever() -> None:
    moments = [next_change(TIERS, datetime(2026, *day, tzinfo=UTC)) for day in ((2, 1), (3, 1), (3, 20), (4, 1))]

    assert moments == [
        *(datetime(2026, *day, tzinfo=UTC) for day in ((3, 1), (3, 15), (4, 1))),
        None,
    ]
    trade = [tier for tier in TIERS if tier.price_list.customer_group == "trade"]
    begins = datetime(2026, 5, 1, tzinfo=UTC)
    later = [replace(tier, price_list=replace(tier.price_list, starts_at=begins)) for tier in trade]
    assert next_change([*TIERS, *later], datetime(2026, 4, 1, tzinfo=UTC)) == begins


def test_a_group_has_a_price_of_its_own_where_a_list_of_theirs_decides_for_one() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    theirs = group_prices(BASE, TIERS, at)
    overruled = [
        replace(tier, price_list=replace(tier.price_list, priority=99))
        if tier.price_list.name == "Spring sale"
        else tier
        for tier in TIERS
    ]

    assert {group: [(one.currency, one.amount_minor) for one in its] for group, its in theirs.items()} == {
        "trade": [("EUR", 900)]
    }
    assert group_prices(BASE, overruled, at) == {}
    assert group_prices(BASE, [], at) == {}
    assert group_prices((), [tier for tier in TIERS if tier.price_list.customer_group], at) == theirs
    assert group_prices(BASE, [tier for tier in TIERS if tier.from_quantity > 1], at) == {}


@pytest.mark.parametrize(
    ("amount", "off_bp", "left"), [(999, 1500, 849), (999, 5000, 500), (1005, 3333, 670), (1, 5000, 1), (7, 10_000, 0)]
)
def test_a_discounted_price_is_rounded_to_the_nearest_unit_and_a_half_up(amount: int, off_bp: int, left: int) -> None:
    assert discounted(amount, off_bp) == left


@given(amount=st.integers(0, MOST_MINOR), off_bp=st.integers(0, WHOLE_BP))
def test_no_discounted_price_is_further_from_the_exact_one_than_half_a_unit(amount: int, off_bp: int) -> None:
    exact = amount * Fraction(WHOLE_BP - off_bp, WHOLE_BP)

    assert -Fraction(1, 2) < discounted(amount, off_bp) - exact <= Fraction(1, 2)
