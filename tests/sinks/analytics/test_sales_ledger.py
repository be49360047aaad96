from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events.order import Order, OrderLine, Refund, RefundLine
from sinks.analytics.sales_ledger import Entry, entries, undone
from tests.support.examples import MOMENT, line, order

PAID = MOMENT
CANCELLED = MOMENT + timedelta(days=90)


def sold(total: int, *, quantity: int = 1, discount: int = 0, other: int = 0) -> OrderLine:
    """A line that is worth so much after its discount and with what else it costs."""
    gross = total + discount - other
    return line(
        quantity=quantity,
        unit_price_minor=gross // quantity if quantity else 0,
        discount_minor=discount,
        adjustment_minor=total - (gross // quantity * quantity if quantity else 0),
        total_minor=total,
    )


def refund(number: int, *lines: tuple[int, int], other: int = 0) -> Refund:
    """Of lines by number, so much each."""
    told = tuple(RefundLine(line_no=of, returned=1, not_sent=0, amount_minor=amount) for of, amount in lines)
    amount = sum(one.amount_minor for one in told) + other
    at = MOMENT + timedelta(days=number)
    return Refund(refund_no=number, lines=told, other_minor=other, amount_minor=amount, reason="r", refunded_at=at)


def made(
    *lines: OrderLine, refunds: tuple[Refund, ...] = (), tax: int = 0, shipping: int = 0, discount: int = 0
) -> Order:
    total = sum(one.total_minor for one in lines) + tax + shipping - discount
    back = sum(one.amount_minor for one in refunds)
    return order(
        lines=lines,
        tax_minor=tax,
        shipping_minor=shipping,
        discount_minor=discount,
        total_minor=total,
        paid_at=PAID,
        refunds=refunds,
        refunded_minor=back,
        refund_minor=None,
        cancelled_at=None,
    )


def cancelled(of: Order, refund_minor: int) -> Order:
    back = of.refunded_minor + refund_minor
    return replace(of, status="cancelled", cancelled_at=CANCELLED, refund_minor=refund_minor, refunded_minor=back)


def net(one: Entry) -> int:
    return one.gross_minor - one.discount_minor + one.other_minor - one.order_discount_minor


def test_an_order_that_is_not_paid_is_not_in_the_ledger() -> None:
    assert list(entries(replace(made(sold(100)), paid_at=None))) == []


def test_a_sale_tells_its_discount_its_deposit_and_its_shares_of_the_order_apart() -> None:
    (first, second) = entries(
        made(sold(325, quantity=2, discount=50, other=25), sold(100), tax=17, shipping=5, discount=9)
    )

    assert (first.gross_minor, first.discount_minor, first.other_minor) == (350, 50, 25)
    assert [first.order_discount_minor + second.order_discount_minor, first.tax_minor + second.tax_minor] == [9, 17]
    assert first.shipping_minor + second.shipping_minor == 5
    assert {first.recognised_at, second.recognised_at} == {PAID}


def test_what_a_price_of_one_is_rounded_up_by_is_neither_gross_nor_a_charge() -> None:
    petrol = line(quantity=9_870, unit_price_minor=1, adjustment_minor=-7_370, discount_minor=20, total_minor=2_500)

    (sale,) = entries(made(petrol))

    assert (sale.gross_minor, sale.discount_minor, sale.other_minor) == (2_520, 20, 0)


@pytest.mark.parametrize(
    ("quantity", "price", "adjustment", "gross", "other"),
    [
        (2, 1000, -50, 2000, -50),  # a deposit that is given back
        (2, 1000, -2, 2000, -2),
        (3, 34, -2, 100, 0),  # three for 1.00
        (10_000, 1, -9_000, 1_000, 0),  # petrol, by the thousandth of a gallon
        (1, 1000, -1, 1000, -1),
        (0, 0, -25, 0, -25),
        (2, 1000, 50, 2000, 50),
    ],
)
def test_a_minus_that_is_no_discount_is_a_charge_below_zero_but_where_it_is_less_than_a_cent_for_each(
    quantity: int, price: int, adjustment: int, gross: int, other: int
) -> None:
    told = line(
        quantity=quantity,
        unit_price_minor=price,
        adjustment_minor=adjustment,
        discount_minor=0,
        total_minor=quantity * price + adjustment,
    )

    (sale,) = entries(replace(made(told), total_minor=max(told.total_minor, 0)))

    assert (sale.gross_minor, sale.discount_minor, sale.other_minor) == (gross, 0, other)


def test_a_charge_below_zero_comes_back_as_what_it_was() -> None:
    cup = sold(1950, quantity=2, other=-50)

    sale, *back = entries(made(cup, refunds=(refund(1, (1, 700)), refund(2, (1, 1250)))))

    assert (sale.gross_minor, sale.other_minor) == (2000, -50)
    assert [(one.gross_minor, one.other_minor) for one in back] == [(-718, 18), (-1282, 32)]


def test_an_amount_without_a_quantity_is_no_gross_and_comes_back_as_what_it_was() -> None:
    sale, back = entries(made(sold(250, quantity=0, other=250), refunds=(refund(1, (1, 100)),)))

    assert (sale.gross_minor, sale.other_minor) == (0, 250)
    assert (back.gross_minor, back.other_minor) == (0, -100)


def test_money_for_a_line_takes_back_as_much_of_each_of_its_parts() -> None:
    _, back = entries(made(sold(100, discount=100), tax=20, refunds=(refund(1, (1, 60)),)))

    assert (back.gross_minor, back.discount_minor, back.tax_minor) == (-100, -50, -10)
    assert (back.kind, back.cause, back.recognised_at) == ("reversal", "refund", MOMENT + timedelta(days=1))


def test_what_a_line_gets_beyond_what_was_paid_for_it_is_an_adjustment() -> None:
    found = list(undone(made(sold(100), refunds=(refund(1, (1, 180), other=7),))))

    assert [(one.kind, one.line_no, net(one), one.adjustment_minor) for one in found] == [
        ("reversal", 1, -100, 0),
        ("adjustment", 1, 0, -80),
        ("adjustment", None, 0, -7),
    ]


def test_a_refund_for_a_line_that_is_not_there_is_an_adjustment() -> None:
    assert [(one.kind, one.money_minor) for one in undone(made(sold(100), refunds=(refund(1, (7, 30)),)))] == [
        ("adjustment", -30)
    ]


def test_a_cancelled_order_stays_sold_on_its_day_and_is_undone_on_another() -> None:
    sale, undo = entries(cancelled(made(sold(100, quantity=2), tax=10, shipping=5), refund_minor=115))

    assert (sale.recognised_at, sale.money_minor) == (PAID, 115)
    assert (undo.recognised_at, undo.money_minor, undo.quantity) == (CANCELLED, -115, -2)


def test_what_a_shop_keeps_of_a_cancelled_order_is_an_adjustment_and_no_sale() -> None:
    found = list(entries(cancelled(made(sold(100)), refund_minor=80)))

    assert (sum(net(one) for one in found), found[-1].kind, found[-1].adjustment_minor) == (0, "adjustment", 20)


amounts = st.integers(0, 10**7)
lines = st.builds(
    sold,
    st.integers(-(10**5), 10**7),
    quantity=st.integers(0, 5),
    discount=st.integers(0, 10**5),
    other=st.integers(-(10**5), 10**5),
)


@given(st.lists(lines, min_size=1, max_size=4), st.data())
def test_the_ledger_is_the_money_that_was_kept_and_is_only_ever_added_to(
    of: list[OrderLine], drawn: st.DataObject
) -> None:
    worth = max(sum(one.total_minor for one in of), 0)
    tax, shipping = drawn.draw(amounts), drawn.draw(amounts)
    discount = drawn.draw(st.integers(0, worth + tax + shipping))
    refunds: tuple[Refund, ...] = ()
    before: list[Entry] = []
    for number in range(drawn.draw(st.integers(0, 4))):
        now = made(*of, refunds=refunds, tax=tax, shipping=shipping, discount=discount)
        booked = list(entries(now))
        assert booked[: len(before)] == before
        assert sum(one.money_minor for one in booked) == now.total_minor - now.refunded_minor
        before = booked
        line_no, amount = drawn.draw(st.integers(1, len(of))), drawn.draw(amounts)
        refunds = (*refunds, refund(number + 1, (line_no, amount), other=drawn.draw(amounts)))
    final = made(*of, refunds=refunds, tax=tax, shipping=shipping, discount=discount)
    ended = cancelled(final, drawn.draw(amounts))
    booked = list(entries(ended))

    assert booked[: len(before)] == before
    assert sum(one.money_minor for one in booked) == ended.total_minor - ended.refunded_minor
    assert sum(net(one) for one in booked) == 0
    assert {one.line_no: 0 for one in booked if one.line_no} == {
        number: sum(one.quantity for one in booked if one.line_no == number) for number in range(1, len(of) + 1)
    }


@given(total=st.integers(1, 10**9), tax=st.integers(0, 10**8), parts=st.data())
def test_a_line_that_goes_back_as_a_whole_takes_all_of_each_of_its_parts_back_in_whatever_pieces(
    total: int, tax: int, parts: st.DataObject
) -> None:
    discount = parts.draw(st.integers(0, total // 2))
    spared = parts.draw(st.integers(0, 10**6))
    other = parts.draw(st.integers(-(10**6), total + spared))
    whole = made(sold(total, discount=spared, other=other), tax=tax, discount=discount)
    value = whole.total_minor
    cuts = sorted(parts.draw(st.lists(st.integers(0, value), max_size=4)))
    pieces = [after - before for before, after in zip([0, *cuts], [*cuts, value], strict=True)]
    refunds = tuple(refund(number, (1, piece)) for number, piece in enumerate(pieces, start=1))

    sale, *back = entries(replace(whole, refunds=refunds, refunded_minor=value))

    assert sum(one.money_minor for one in back) == -value
    for part in ("gross_minor", "discount_minor", "other_minor", "order_discount_minor", "tax_minor"):
        assert sum(getattr(one, part) for one in back) == -getattr(sale, part)
    assert all(one.gross_minor <= 0 and one.kind == "reversal" for one in back)
