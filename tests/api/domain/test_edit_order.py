from dataclasses import replace

import pytest

from api.domain.edit_order import edit
from api.domain.errors import Conflict, Invalid
from api.domain.order_events import from_value
from api.domain.orders import Pending
from schemas.events.order import OrderLine
from tests.support.examples import order

_LINE = order().lines[0]


def line(quantity: int, price: int = 150, adjustment: int = 0) -> OrderLine:
    return replace(
        _LINE,
        quantity=quantity,
        unit_price_minor=price,
        adjustment_minor=adjustment,
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


def test_an_order_keeps_at_least_one_line() -> None:
    with pytest.raises(Invalid):
        edit(pending(line(2)), [])
