from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from schemas.amount_shares import line_values
from schemas.events.order import Order, Refund, RefundLine
from sinks.analytics.sales_reversals import Reversal, reversals
from tests.support.examples import MOMENT, line, order


def refund(number: int, *lines: tuple[int, int], other: int = 0) -> Refund:
    """Of lines by number, so much each."""
    told = tuple(RefundLine(line_no=of, returned=1, not_sent=0, amount_minor=amount) for of, amount in lines)
    amount = sum(one.amount_minor for one in told) + other
    at = MOMENT + timedelta(days=number)
    return Refund(refund_no=number, lines=told, other_minor=other, amount_minor=amount, reason="r", refunded_at=at)


def made(totals: list[int], *refunds: Refund, tax: int = 0, discount: int = 0) -> Order:
    lines = tuple(line(quantity=1, unit_price_minor=total, adjustment_minor=0, total_minor=total) for total in totals)
    return order(lines=lines, tax_minor=tax, discount_minor=discount, refunds=refunds)


def test_what_goes_back_for_a_line_takes_its_revenue_back_on_the_day_it_goes() -> None:
    refunded = made([300, 150, 70], refund(1, (2, 100)), refund(2, (2, 20), (3, 70), other=490))

    assert list(reversals(refunded)) == [
        reversal(1, 2, -100, -100),
        reversal(2, 2, -20, -20),
        reversal(2, 3, -70, -70),
        reversal(2, None, 0, -490, returned=0),
    ]


def reversal(number: int, line_no: int | None, revenue: int, money: int, returned: int = 1) -> Reversal:
    return Reversal(
        refund_no=number,
        line_no=line_no,
        returned=returned,
        not_sent=0,
        revenue_minor=revenue,
        money_minor=money,
        recognised_at=MOMENT + timedelta(days=number),
    )


def test_tax_that_goes_back_is_no_revenue_and_goodwill_beyond_the_line_is_none() -> None:
    with_tax = made([100, 100], refund(1, (1, 60)), refund(2, (1, 60)), tax=40)
    generous = made([100], refund(1, (1, 180)))
    worthless = made([100], refund(1, (1, 5)), discount=100)

    assert [one.revenue_minor for one in reversals(with_tax)] == [-50, -50]
    assert [one.revenue_minor for one in reversals(generous)] == [-100]
    assert [one.revenue_minor for one in reversals(worthless)] == [0]


def test_a_line_that_is_not_there_takes_nothing_back() -> None:
    assert [one.revenue_minor for one in reversals(made([100], refund(1, (7, 30), (-1, 2), (0, 1))))] == [0, 0, 0]


amounts = st.integers(1, 10**9)


@given(totals=st.lists(amounts, min_size=1, max_size=4), tax=st.integers(0, 10**8), parts=st.data())
def test_a_line_that_goes_back_as_a_whole_takes_all_of_its_revenue_back_in_whatever_parts(
    totals: list[int], tax: int, parts: st.DataObject
) -> None:
    discount = parts.draw(st.integers(0, sum(totals) // 2))
    value = line_values(made(totals, tax=tax, discount=discount))[0]
    cuts = sorted(parts.draw(st.lists(st.integers(0, value), max_size=4)))
    pieces = [after - before for before, after in zip([0, *cuts], [*cuts, value], strict=True)]
    refunds = [refund(number, (1, piece)) for number, piece in enumerate(pieces, start=1)]

    found = list(reversals(made(totals, *refunds, tax=tax, discount=discount)))

    assert sum(one.money_minor for one in found) == -value
    assert sum(one.revenue_minor for one in found) == (-totals[0] if value else 0)
    assert all(one.revenue_minor <= 0 for one in found)


def test_an_order_without_refunds_has_no_reversals() -> None:
    assert list(reversals(made([100], tax=3))) == []
