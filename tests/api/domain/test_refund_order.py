from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain import order_events
from api.domain.errors import Invalid
from api.domain.orders import MOST_REFUNDS, AnyOrder, Delivered, Paid, PartlyShipped, Sent, Shipped, cancel
from api.domain.refund_order import LineToRefund, refund
from api.domain.ship_order import deliver, left_to_ship
from tests.api.domain.test_ship_order import NOON, paid, sent

Refundable = Paid | Sent


def back(
    order: Refundable,
    *lines: tuple[int, int, int, int | None],
    other: int = 0,
    at: datetime = NOON,
) -> Refundable:
    wanted = [
        LineToRefund(line_no=line_no, returned=returned, not_sent=not_sent, amount_minor=amount)
        for line_no, returned, not_sent, amount in lines
    ]
    return refund(order, lines=wanted, other_minor=other, reason="broken", at=at)


def given_back(order: AnyOrder) -> int:
    return order_events.as_value(order).refunded_minor


@given(data=st.data())
def test_never_more_goes_back_than_was_paid_and_the_last_unit_takes_the_rest(data: st.DataObject) -> None:
    order: Refundable = sent(paid(3, 2), rest=True)
    left = {1: 3, 2: 2}

    while sum(left.values()):
        line_no = data.draw(st.sampled_from([one for one, some in left.items() if some]))
        units = data.draw(st.integers(1, left[line_no]))
        order = back(order, (line_no, units, 0, None))
        left[line_no] -= units

    assert given_back(order) == order.terms.total_minor
    with pytest.raises(Invalid):
        back(order, other=1)


def test_what_will_not_leave_is_not_waited_for() -> None:
    partly = back(sent(paid(3), (1, 1)), (1, 0, 1, None))
    assert isinstance(partly, PartlyShipped)
    assert [line.quantity for line in left_to_ship(partly.paid, partly.parcels)] == [1]

    shipped = back(partly, (1, 0, 1, None))

    assert isinstance(shipped, Shipped)
    assert isinstance(back(deliver(shipped, NOON), (1, 1, 0, None)), Delivered)


def test_an_order_of_which_nothing_is_sent_is_cancelled_not_refunded() -> None:
    with pytest.raises(Invalid) as refused:
        back(paid(2), (1, 0, 2, None))

    assert [(one.field, one.code) for one in refused.value.errors] == [("lines", "nothing_left")]


def test_who_cancels_gives_back_what_is_left_of_the_payment() -> None:
    order = back(paid(2), (1, 0, 1, 100))
    assert isinstance(order, Paid)

    cancelled = cancel(order, "sold out", NOON)

    assert (cancelled.refund_minor, given_back(cancelled)) == (180, 280)
    with pytest.raises(Invalid):
        cancel(order, "sold out", NOON, 181)


@pytest.mark.parametrize(
    ("lines", "other", "field", "code"),
    [
        ([], 0, "lines", "too_short"),
        ([(1, 0, 0, 0)], 0, "lines", "too_short"),
        ([(0, 0, 0, 1)], 0, "lines.0.line_no", "unknown_line"),
        ([(2, 0, 0, 1)], 0, "lines.0.line_no", "unknown_line"),
        ([(1, 0, 0, 1), (1, 0, 0, 1)], 0, "lines.1.line_no", "repeated"),
        ([(1, 2, 0, 1)], 0, "lines.0.returned", "out_of_range"),
        ([(1, 0, 3, 1)], 0, "lines.0.not_sent", "out_of_range"),
        ([(1, 0, 0, 281)], 0, "amount_minor", "out_of_range"),
        ([(1, 0, 0, 280)], 1, "amount_minor", "out_of_range"),
    ],
)
def test_what_cannot_go_back_is_named(lines: list[Any], other: int, field: str, code: str) -> None:
    """Of three one has left."""
    order = sent(paid(3), (1, 1))

    with pytest.raises(Invalid) as refused:
        back(order, *lines, other=other)  # type: ignore[arg-type]  # something is left

    assert [(one.field, one.code) for one in refused.value.errors] == [(field, code)]


def test_an_order_is_refunded_so_often_at_most() -> None:
    order = back(paid(2), other=1)
    assert isinstance(order, Paid)
    full = replace(order, refunds=tuple(replace(order.refunds[0], amount_minor=0) for _ in range(MOST_REFUNDS)))

    with pytest.raises(Invalid) as refused:
        back(full, other=1)

    assert [(one.field, one.code) for one in refused.value.errors] == [("refunds", "too_long")]


def test_a_unit_comes_back_once() -> None:
    order = back(sent(paid(1), rest=True), (1, 1, 0, 0))

    with pytest.raises(Invalid):
        back(order, (1, 1, 0, 0))


def test_a_refunded_order_survives_its_value_and_is_told_by_what_was_done_last() -> None:
    later = datetime(2026, 3, 2, tzinfo=UTC)
    for order in (paid(2), sent(paid(2), (1, 1)), sent(paid(2), rest=True), deliver(_shipped(), NOON)):
        refunded = back(order, other=10, at=later)  # type: ignore[arg-type]  # each was paid

        assert order_events.from_value(order_events.as_value(refunded)) == refunded
        assert order_events.newest(order).event != order_events.newest(refunded).event
        assert order_events.newest(refunded) == order_events.refunded(refunded)
        assert later in order_events.moments(refunded)


def _shipped() -> Shipped:
    shipped = sent(paid(2), rest=True)
    assert isinstance(shipped, Shipped)
    return shipped
