from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.money import MOST_MINOR
from schemas.amount_shares import line_values, shares, units_value
from tests.api.domain.test_orders import placed
from tests.support.examples import line


@given(amount=st.integers(0, MOST_MINOR), weights=st.lists(st.integers(-5, MOST_MINOR), min_size=1, max_size=8))
def test_nothing_is_lost_and_nobody_is_off_by_more_than_one(amount: int, weights: list[int]) -> None:
    parts = shares(amount, weights)

    assert sum(parts) == amount
    counted = [max(weight, 0) for weight in weights]
    whole = sum(counted)
    if whole:
        assert all(abs(part * whole - amount * weight) < whole for part, weight in zip(parts, counted, strict=True))


@pytest.mark.parametrize(
    ("amount", "weights", "expected"),
    [
        (10, [1, 1, 1], (4, 3, 3)),
        (100, [299, 150, 1], (67, 33, 0)),
        (5, [0, 0], (3, 2)),
        (7, [-20, 100], (0, 7)),
        (0, [1, 2], (0, 0)),
    ],
)
def test_what_is_left_over_goes_to_the_largest_fractions(
    amount: int, weights: list[int], expected: tuple[int, ...]
) -> None:
    assert shares(amount, weights) == expected


amounts = st.integers(0, 10**6)
lines = st.lists(st.tuples(st.integers(0, 50), amounts), min_size=1, max_size=6)


@given(lines=lines, tax=amounts, shipping=amounts, part=st.integers(0, 100))
def test_lines_with_their_shares_and_the_shipping_are_the_total(
    lines: list[tuple[int, int]], tax: int, shipping: int, part: int
) -> None:
    made = [line(quantity=quantity, unit_price_minor=price, total_minor=quantity * price) for quantity, price in lines]
    more: dict[str, Any] = {"tax_minor": tax, "shipping_minor": shipping}
    discount = sum(one.total_minor for one in made) * part // 100
    terms = placed(lines=made, discount_minor=discount, **more).terms

    assert sum(line_values(terms)) + terms.shipping_minor == terms.total_minor


@given(value=amounts, parts=st.lists(st.integers(0, 20), min_size=1))
def test_units_of_a_line_are_worth_the_line_however_they_come_back(value: int, parts: list[int]) -> None:
    quantity, before, given_back = sum(parts), 0, 0

    for units in parts:
        given_back += units_value(value, quantity, before, units)
        before += units

    assert given_back == (value if quantity else 0)
