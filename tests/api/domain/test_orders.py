from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain import order_events
from api.domain.errors import IllegalTransition, Invalid
from api.domain.money import MOST_MINOR
from api.domain.orders import AnyOrder, Pending, cancel, confirm, pay, place
from api.domain.ship_order import deliver, ship
from schemas.events.order import (
    OrderCancelled,
    OrderConfirmed,
    OrderDelivered,
    OrderPaid,
    OrderPlaced,
    OrderShipped,
    ParcelLine,
)
from tests.support.examples import line

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def placed(**different: Any) -> Pending:
    facts = {
        "order_id": uuid4(),
        "external_id": None,
        "customer_ref": None,
        "currency": "EUR",
        "lines": [line()],
        "placed_at": NOON,
    }
    return place(**(facts | different))


def every_state() -> list[AnyOrder]:
    pending = placed()
    confirmed = confirm(pending, NOON)
    paid = pay(confirmed, "p1", NOON)
    cancelled = [cancel(order, "because", NOON) for order in (pending, confirmed, paid)]
    partly = ship(paid, lines=[ParcelLine(line_no=1, quantity=1)], carrier="Post", tracking_number="4711", at=NOON)
    shipped = ship(partly, lines=None, carrier=None, tracking_number=None, at=NOON)
    return [pending, confirmed, paid, *cancelled, partly, shipped, deliver(shipped, NOON)]


@given(
    lines=st.lists(st.integers(0, 10**6), min_size=1, max_size=5),
    tax=st.integers(0, 1000),
    shipping=st.integers(0, 1000),
    discount=st.integers(0, 1000),
)
def test_the_total_is_the_lines_and_tax_and_shipping_less_the_discount(
    lines: list[int], tax: int, shipping: int, discount: int
) -> None:
    total = sum(lines) + tax + shipping - discount
    given_lines = [line(total_minor=one) for one in lines]

    def order() -> Pending:
        return placed(lines=given_lines, tax_minor=tax, shipping_minor=shipping, discount_minor=discount)

    if total < 0:
        with pytest.raises(Invalid):
            order()
    else:
        assert order().terms.total_minor == total


def test_an_order_without_lines_or_beyond_counting_is_refused() -> None:
    for lines in ([], [line(total_minor=MOST_MINOR), line(total_minor=1)]):
        with pytest.raises(Invalid):
            placed(lines=lines)


def test_each_step_is_told_by_its_event_at_its_time() -> None:
    pending = placed()
    confirmed = confirm(pending, NOON + timedelta(hours=1))
    paid = pay(confirmed, "p1", NOON + timedelta(hours=2))
    cancelled = cancel(paid, "returned", NOON + timedelta(hours=3))

    told = [order_events.happened(order) for order in (pending, confirmed, paid, cancelled)]

    assert [type(one.event) for one in told] == [OrderPlaced, OrderConfirmed, OrderPaid, OrderCancelled]
    assert [(one.at - NOON).total_seconds() / 3600 for one in told] == [0, 1, 2, 3]


def test_every_parcel_and_the_delivery_are_told_at_their_time() -> None:
    paid = pay(confirm(placed(), NOON), "p1", NOON)
    one = [ParcelLine(line_no=1, quantity=1)]
    partly = ship(paid, lines=one, carrier=None, tracking_number=None, at=NOON + timedelta(hours=1))
    shipped = ship(partly, lines=one, carrier=None, tracking_number=None, at=NOON + timedelta(hours=2))
    delivered = deliver(shipped, NOON + timedelta(hours=3))

    told = [order_events.happened(order) for order in (partly, shipped, delivered)]

    assert [type(one.event) for one in told] == [OrderShipped, OrderShipped, OrderDelivered]
    assert [(one.at - NOON).total_seconds() / 3600 for one in told] == [1, 2, 3]
    assert [one.event.parcel.parcel_no for one in told[:2]] == [1, 2]


def test_a_paid_order_is_refunded_in_full_and_any_other_not_at_all() -> None:
    refunds = [cancel(order, "because", NOON).refund_minor for order in every_state()[:3]]

    assert refunds == [0, 0, 280]


@pytest.mark.parametrize(("state", "refund"), [(0, 1), (1, 1), (2, 281), (2, -1)])
def test_nobody_is_refunded_more_than_was_paid(state: int, refund: int) -> None:
    with pytest.raises(Invalid):
        cancel(every_state()[state], "because", NOON, refund)  # type: ignore[arg-type]  # the first three are open


def test_nothing_happens_before_what_it_follows() -> None:
    with pytest.raises(Invalid):
        confirm(placed(), NOON - timedelta(seconds=1))
    with pytest.raises(Invalid):
        pay(confirm(placed(), NOON), "p1", NOON - timedelta(seconds=1))


def test_only_legal_steps_are_taken() -> None:
    allowed = {
        step: [order_events.status(order) for order in every_state() if may(order, step)]
        for step in ("confirm", "pay", "ship", "deliver", "cancel")
    }

    assert allowed == {
        "confirm": ["pending"],
        "pay": ["confirmed"],
        "ship": ["paid", "partly_shipped"],
        "deliver": ["shipped"],
        "cancel": ["pending", "confirmed", "paid"],
    }


def test_a_state_survives_its_value() -> None:
    for order in every_state():
        assert order_events.from_value(order_events.as_value(order)) == order


def may(order: AnyOrder, step: str) -> bool:
    check = {
        "confirm": order_events.pending,
        "pay": order_events.confirmed,
        "ship": order_events.to_be_shipped,
        "deliver": order_events.shipped,
        "cancel": order_events.still_open,
    }[step]
    try:
        check(order, step)
    except IllegalTransition:
        return False
    return True
