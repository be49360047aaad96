from datetime import timedelta

from api.domain.order_events import from_value
from api.domain.order_timeline import timeline, without_reasons
from schemas.events.order import Parcel, ParcelLine, Refund, RefundLine
from tests.support.examples import MOMENT, order

LATER = [MOMENT + timedelta(hours=hours) for hours in range(8)]
BACK = Refund(
    refund_no=1,
    lines=(RefundLine(line_no=1, returned=0, not_sent=1, amount_minor=10),),
    other_minor=5,
    amount_minor=15,
    reason="none left",
    refunded_at=LATER[4],
)


def parcel(number: int, hours: int) -> Parcel:
    lines = (ParcelLine(line_no=1, quantity=1),)
    return Parcel(parcel_no=number, lines=lines, carrier=None, tracking_number=None, shipped_at=LATER[hours])


def test_a_timeline_has_every_step_at_its_moment() -> None:
    facts = order(
        status="delivered",
        placed_at=LATER[0],
        confirmed_at=LATER[1],
        paid_at=LATER[2],
        payment_id="p1",
        parcels=(parcel(1, 3), parcel(2, 5)),
        shipped_at=LATER[5],
        delivered_at=LATER[6],
        refunds=(BACK,),
        refunded_minor=15,
    )

    steps = timeline(from_value(facts))

    assert [(one.step, one.at) for one in steps] == [
        ("placed", LATER[0]),
        ("confirmed", LATER[1]),
        ("paid", LATER[2]),
        ("shipped", LATER[3]),
        ("refunded", LATER[4]),
        ("shipped", LATER[5]),
        ("delivered", LATER[6]),
    ]
    assert [one.amount_minor for one in steps[:3]] == [facts.total_minor, None, facts.total_minor]
    assert (steps[4].amount_minor, steps[4].reason, steps[4].refunded_lines) == (15, "none left", BACK.lines)
    assert [one.parcel.parcel_no for one in steps if one.parcel is not None] == [1, 2]


def test_of_the_same_moment_steps_come_as_an_order_goes_through_them_and_customers_hear_no_reason() -> None:
    facts = order(
        status="cancelled",
        placed_at=MOMENT,
        confirmed_at=MOMENT,
        paid_at=MOMENT,
        payment_id="p1",
        cancelled_at=MOMENT,
        cancel_reason="rude",
        refund_minor=7,
        refunded_minor=7,
    )

    steps = timeline(from_value(facts))

    assert [one.step for one in steps] == ["placed", "confirmed", "paid", "cancelled"]
    assert (steps[-1].reason, steps[-1].amount_minor) == ("rude", 7)
    assert [one.reason for one in without_reasons(steps)] == [None] * 4
