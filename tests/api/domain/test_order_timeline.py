from datetime import datetime, timedelta
from uuid import UUID

from api.domain.order_events import from_value
from api.domain.order_timeline import PaymentTold, timeline, without_reasons
from api.domain.payments import BackReason, OwedRefund, PaymentStatus, RefundState
from schemas.events.order import Parcel, ParcelLine, Refund, RefundLine
from schemas.events.payment import Payment
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


def payment(number: int, status: PaymentStatus, started: datetime, settled: datetime | None) -> Payment:
    declined = status is PaymentStatus.DECLINED
    return Payment(
        id=UUID(int=number),
        order_id=UUID(int=9),
        provider="test",
        status=status,
        amount_minor=15,
        currency="EUR",
        received_minor=None if declined or settled is None else 15,
        decline_reason="no_money" if declined else None,
        started_at=started,
        settled_at=settled,
        refunds=(),
        refunded_minor=0,
    )


def owed(state: RefundState, **more: object) -> OwedRefund:
    told: dict[str, object] = {"error": "", "refunded_at": None, **more}
    return OwedRefund(
        id=UUID(int=5),
        payment_id=UUID(int=2),
        amount_minor=15,
        reason=BackReason.ORDER_REFUNDED,
        state=state,
        made_at=LATER[4],
        **told,  # type: ignore[arg-type]  # as each case has it
    )


def test_payments_have_their_steps_before_what_they_do_to_the_order_at_the_same_moment() -> None:
    facts = order(
        status="paid", placed_at=LATER[0], confirmed_at=LATER[2], paid_at=LATER[2], payment_id=str(UUID(int=2))
    )
    told = [
        PaymentTold(payment(3, PaymentStatus.STARTED, LATER[3], None), ()),
        PaymentTold(
            payment(2, PaymentStatus.SUCCEEDED, LATER[1], LATER[2]), (owed(RefundState.DONE, refunded_at=LATER[5]),)
        ),
        PaymentTold(payment(1, PaymentStatus.DECLINED, LATER[0], LATER[1]), ()),
    ]

    steps = timeline(from_value(facts), told)

    assert [(one.step, one.at) for one in steps] == [
        ("placed", LATER[0]),
        ("payment_started", LATER[0]),
        ("payment_started", LATER[1]),
        ("payment_declined", LATER[1]),
        ("payment_succeeded", LATER[2]),
        ("confirmed", LATER[2]),
        ("paid", LATER[2]),
        ("payment_started", LATER[3]),
        ("payment_refunded", LATER[5]),
    ]
    assert [one.reason for one in without_reasons(steps) if one.reason] == ["no_money"]


def test_what_was_refused_and_sent_by_hand_has_both_steps_with_their_reasons() -> None:
    facts = order(status="paid", placed_at=LATER[0], confirmed_at=LATER[1], paid_at=LATER[2], payment_id="p")
    paid = payment(2, PaymentStatus.SUCCEEDED, LATER[1], LATER[2])
    refused = owed(RefundState.FAILED, error="closed", refused_at=LATER[5])
    sent = owed(RefundState.DONE, error="closed", refused_at=LATER[5], refunded_at=LATER[6], by_hand="cash")

    only_refused = timeline(from_value(facts), [PaymentTold(paid, (refused,))])
    by_hand = timeline(from_value(facts), [PaymentTold(paid, (sent,))])

    assert [(one.step, one.at, one.reason) for one in only_refused][-1:] == [("refund_refused", LATER[5], "closed")]
    assert [(one.step, one.at, one.reason) for one in by_hand][-2:] == [
        ("refund_refused", LATER[5], "closed"),
        ("refunded_by_hand", LATER[6], "cash"),
    ]
    assert [one.reason for one in without_reasons(by_hand)] == [None] * len(by_hand)
