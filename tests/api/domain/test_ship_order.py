from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.errors import Invalid
from api.domain.orders import MOST_PARCELS, Paid, PartlyShipped, Shipped, confirm, pay
from api.domain.ship_order import deliver, left_to_ship, ship
from schemas.events.order import ParcelLine
from tests.api.domain.test_orders import placed
from tests.support.examples import line

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def paid(*quantities: int) -> Paid:
    return pay(confirm(placed(lines=[line(quantity=each, total_minor=280) for each in quantities]), NOON), "p1", NOON)


def sent(
    order: Paid | PartlyShipped, *lines: tuple[int, int], at: datetime = NOON, rest: bool = False
) -> PartlyShipped | Shipped:
    given = None if rest else [ParcelLine(line_no=line_no, quantity=quantity) for line_no, quantity in lines]
    return ship(order, lines=given, carrier="Parcel Post", tracking_number="PP-1", at=at)


@given(quantities=st.lists(st.integers(0, 5), min_size=1, max_size=4), data=st.data())
def test_however_it_is_divided_every_piece_leaves_once(quantities: list[int], data: st.DataObject) -> None:
    order: Paid | PartlyShipped | Shipped = paid(*quantities)

    while not isinstance(order, Shipped):
        left = left_to_ship(order, ()) if isinstance(order, Paid) else left_to_ship(order.paid, order.parcels)
        if not left:
            order = sent(order, rest=True)
            continue
        some = data.draw(st.lists(st.sampled_from(left), min_size=1, unique=True))
        order = sent(order, *((one.line_no, data.draw(st.integers(1, one.quantity))) for one in some))

    gone = [
        sum(one.quantity for parcel in order.parcels for one in parcel.lines if one.line_no == line_no)
        for line_no in range(1, len(quantities) + 1)
    ]
    assert gone == quantities
    assert [parcel.parcel_no for parcel in order.parcels] == list(range(1, len(order.parcels) + 1))


def test_without_lines_all_that_is_left_goes() -> None:
    shipped = sent(sent(paid(3, 1), (1, 2)), rest=True)

    assert isinstance(shipped, Shipped)
    assert shipped.parcels[1].lines == (ParcelLine(line_no=1, quantity=1), ParcelLine(line_no=2, quantity=1))


def test_an_order_that_no_parcel_could_hold_is_shipped_by_one_without_lines() -> None:
    shipped = sent(paid(0), rest=True)

    assert isinstance(shipped, Shipped)
    assert shipped.parcels[0].lines == ()


@pytest.mark.parametrize(
    ("lines", "field", "code"),
    [
        ([], "lines", "too_short"),
        ([(0, 1)], "lines.0.line_no", "unknown_line"),
        ([(3, 1)], "lines.0.line_no", "unknown_line"),
        ([(1, 1), (1, 1)], "lines.1.line_no", "repeated"),
        ([(1, 0)], "lines.0.quantity", "out_of_range"),
        ([(2, 1), (1, 2)], "lines.1.quantity", "out_of_range"),
    ],
)
def test_what_is_not_left_does_not_leave(lines: list[tuple[int, int]], field: str, code: str) -> None:
    order = sent(paid(2, 1), (1, 1))

    with pytest.raises(Invalid) as refused:
        sent(order, *lines)  # type: ignore[arg-type]  # something is left

    assert [(one.field, one.code) for one in refused.value.errors] == [(field, code)]


def test_an_order_leaves_in_so_many_parcels_at_most() -> None:
    partly = sent(paid(MOST_PARCELS + 2), (1, 1))
    assert isinstance(partly, PartlyShipped)
    full = PartlyShipped(partly.paid, tuple(replace(partly.parcels[0], parcel_no=no + 1) for no in range(MOST_PARCELS)))

    with pytest.raises(Invalid) as refused:
        sent(full, rest=True)

    assert [(one.field, one.code) for one in refused.value.errors] == [("parcels", "too_long")]


def test_nothing_leaves_or_arrives_before_what_it_follows() -> None:
    early = NOON - timedelta(seconds=1)
    partly = sent(paid(2), (1, 1))

    with pytest.raises(Invalid):
        sent(paid(1), rest=True, at=early)
    with pytest.raises(Invalid):
        sent(partly, rest=True, at=early)  # type: ignore[arg-type]  # something is left
    with pytest.raises(Invalid):
        deliver(sent(paid(1), rest=True), early)  # type: ignore[arg-type]  # nothing is left
