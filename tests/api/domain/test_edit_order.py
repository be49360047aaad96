from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.cart_totals import Taxed, Totals, totals
from api.domain.carts import CartLine
from api.domain.count_cart import CountedCart, CountedLine
from api.domain.edit_order import edit, edit_as_counted
from api.domain.errors import Conflict, FieldError, Invalid
from api.domain.order_events import from_value
from api.domain.orders import Pending
from api.domain.tax_rates import MOST_RATE
from schemas.amount_shares import shares
from schemas.events.order import OrderLine
from tests.support.examples import MOMENT, order

_LINE = order().lines[0]


def line(quantity: int, price: int = 150, adjustment: int = 0) -> OrderLine:
    return replace(
        _LINE,
        quantity=quantity,
        unit_price_minor=price,
        adjustment_minor=adjustment,
        discount_minor=max(-adjustment, 0),
        total_minor=quantity * price + adjustment,
    )


def pending(*lines: OrderLine, tax: int = 0, shipping: int = 0, discount: int = 0) -> Pending:
    total = sum(one.total_minor for one in lines) + tax + shipping - discount
    found = from_value(
        order(
            status="pending",
            confirmed_at=None,
            paid_at=None,
            payment_id=None,
            lines=lines,
            tax_minor=tax,
            shipping_minor=shipping,
            discount_minor=discount,
            total_minor=total,
        )
    )
    assert isinstance(found, Pending)
    return found


def cart(lines: list[OrderLine], due: Totals) -> CountedCart:
    counted = [
        CountedLine(
            line=CartLine(variant_id=one.variant_id, sku=one.sku, quantity=one.quantity, unit_price_minor=0),
            sold=one,
            available=None,
            problem=None,
            tax_rate=0,
        )
        for one in lines
    ]
    return CountedCart(lines=tuple(counted), methods=(), totals=due, problems=())


def test_the_total_is_of_the_new_lines_and_shipping_stays() -> None:
    was = pending(line(2), shipping=490)

    edited = edit(was, [line(1), line(3, price=100)])

    assert edited.terms == replace(was.terms, lines=(line(1), line(3, price=100)), total_minor=150 + 300 + 490)


@pytest.mark.parametrize("different", [{"tax": 1}, {"discount": 1}])
def test_what_was_worked_out_of_the_lines_is_not_kept_for_others(different: dict[str, int]) -> None:
    with pytest.raises(Conflict):
        edit(pending(line(2), **different), [line(1)])
    with pytest.raises(Conflict):
        edit(pending(line(2, adjustment=-1)), [line(1)])


@pytest.mark.parametrize("different", [{"discount_minor": 25}, {"unit": "kg"}], ids=["with a deposit", "by weight"])
def test_neither_is_a_discount_within_an_adjustment_nor_another_measure(different: dict[str, Any]) -> None:
    with pytest.raises(Conflict):
        edit(pending(replace(line(2), **different)), [line(1)])


def test_what_is_sold_by_weight_is_edited_and_left_out_like_anything_else() -> None:
    cheese = replace(line(500), unit="g", variant_id=uuid4())
    was = pending(cheese, line(2))

    more = edit(was, [replace(cheese, quantity=700, total_minor=700 * 150)]).terms
    without = edit(was, [line(2)]).terms

    assert [(one.quantity, one.unit) for one in more.lines] == [(700, "g")]
    assert [one.unit for one in without.lines] == ["piece"]


def test_an_order_by_the_gram_does_not_become_one_by_the_kilogram() -> None:
    by_gram, by_kilogram = (replace(line(500), unit=unit) for unit in ("g", "kg"))
    due = totals([Taxed(500 * 150, 0)], Taxed(0, 0), discount_minor=0, prices_include_tax=False)

    with pytest.raises(Conflict, match="ordered by g, and is sold by kg"):
        edit(pending(by_gram), [by_kilogram])
    with pytest.raises(Conflict, match="ordered by g, and is sold by kg"):
        edit_as_counted(pending(by_gram), cart([by_kilogram], due))


def test_an_order_keeps_at_least_one_line() -> None:
    with pytest.raises(Invalid):
        edit(pending(line(2)), [])


@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 50), st.integers(0, MOST_RATE)), min_size=1, max_size=8),
    st.integers(0, 10**7),
    st.integers(0, 10**8),
    st.booleans(),
)
def test_lines_and_tax_and_shipping_less_the_discount_are_the_total_to_the_cent(
    given_lines: list[tuple[int, int, int]], shipping: int, off: int, included: bool
) -> None:
    lines = [line(quantity, price) for price, quantity, _ in given_lines]
    discount = min(off, sum(one.total_minor for one in lines))
    rates = [rate for *_, rate in given_lines]
    taxed = [Taxed(one.total_minor, rate) for one, rate in zip(lines, rates, strict=True)]
    due = totals(taxed, Taxed(shipping, rates[0]), discount_minor=discount, prices_include_tax=included)
    was = pending(line(2), tax=7, shipping=5, discount=3)

    edited = edit_as_counted(was, cart(lines, due)).terms

    assert edited.total_minor == sum(one.total_minor for one in lines) + edited.tax_minor + shipping - discount
    assert (edited.lines, edited.discount_minor, edited.shipping_minor) == (tuple(lines), discount, shipping)
    assert sum(shares(discount, [one.total_minor for one in lines])) == discount
    assert (edited.id, edited.customer_ref, edited.placed_at) == (was.terms.id, was.terms.customer_ref, MOMENT)


def test_a_cart_that_could_not_be_ordered_edits_no_order() -> None:
    due = totals([Taxed(150, 0)], Taxed(0, 0), discount_minor=0, prices_include_tax=False)
    wrong = FieldError("shipping_method", "missing", "Choose how it is sent.")

    with pytest.raises(Invalid) as refused:
        edit_as_counted(pending(line(2)), replace(cart([line(1)], due), problems=(wrong,)))

    assert list(refused.value.errors) == [wrong]
