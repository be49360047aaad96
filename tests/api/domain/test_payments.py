"""What a provider's word makes of a payment and its order."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from api.domain import order_events, payments
from api.domain.changes import Versioned
from api.domain.orders import AnyOrder
from api.domain.payment_provider import Declined, Succeeded
from api.domain.payments import BackReason, Nonsense, NothingToPay, OwedRefund, RefundState
from schemas.events.payment import Payment, PaymentDeclined, PaymentRefunded, PaymentStarted, PaymentSucceeded
from tests.support.examples import MOMENT, order

LATER = MOMENT + timedelta(minutes=1)


def placed(status: str = "pending", **different: object) -> AnyOrder:
    facts = {
        "pending": {"confirmed_at": None, "paid_at": None, "payment_id": None},
        "confirmed": {"paid_at": None, "payment_id": None},
        "paid": {},
        "cancelled": {"paid_at": None, "payment_id": None, "cancelled_at": MOMENT, "cancel_reason": "expired"},
    }
    return order_events.from_value(order(status=status, **facts[status], **different))


def started(of: AnyOrder) -> Versioned[Payment]:
    return payments.start(uuid4(), of, "test", MOMENT).now


def came(held: Versioned[Payment], amount: int | None = None, currency: str = "EUR") -> Succeeded:
    taken = held.value.amount_minor if amount is None else amount
    return Succeeded(reference="r", amount_minor=taken, currency=currency)


def test_a_payment_is_of_all_that_is_to_be_paid() -> None:
    of = placed()

    decided = payments.start(uuid4(), of, "test", MOMENT)

    assert (decided.value.amount_minor, decided.value.currency, decided.value.status) == (280, "EUR", "started")
    assert isinstance(decided.happened[0].event, PaymentStarted)


@pytest.mark.parametrize("status", ["paid", "cancelled"])
def test_what_is_paid_or_cancelled_is_not_paid(status: str) -> None:
    with pytest.raises(NothingToPay):
        payments.start(uuid4(), placed(status), "test", MOMENT)


def test_what_costs_nothing_is_not_paid() -> None:
    with pytest.raises(NothingToPay):
        payments.start(uuid4(), placed(total_minor=0, discount_minor=280), "test", MOMENT)


@pytest.mark.parametrize("status", ["pending", "confirmed"])
def test_money_that_came_pays_the_order(status: str) -> None:
    of = placed(status)
    held = started(of)

    settled = payments.settle(held, came(held), of, LATER)

    assert settled is not None
    assert (settled.pays, settled.back, settled.change.value.status) == (True, None, "succeeded")
    assert isinstance(settled.change.happened[0].event, PaymentSucceeded)
    assert payments.settle(settled.change.now, came(held), of, LATER) is None
    assert payments.settle(settled.change.now, Declined(reason="late"), of, LATER) is None


@pytest.mark.parametrize(
    ("status", "amount", "why"),
    [
        ("cancelled", None, BackReason.NOT_WANTED),
        ("paid", None, BackReason.NOT_WANTED),
        ("pending", 281, BackReason.WRONG_AMOUNT),
        ("pending", 1, BackReason.WRONG_AMOUNT),
    ],
)
def test_money_that_the_order_cannot_take_goes_back(status: str, amount: int | None, why: BackReason) -> None:
    held = started(placed())

    settled = payments.settle(held, came(held, amount), placed(status), LATER)

    assert settled is not None
    assert (settled.pays, settled.back, settled.change.value.status) == (False, why, "returning")
    assert settled.change.value.received_minor == (amount or 280)


def test_an_order_that_was_changed_meanwhile_is_not_paid_by_what_it_came_to_before() -> None:
    held = started(placed())

    settled = payments.settle(held, came(held), placed(total_minor=300, shipping_minor=20), LATER)

    assert settled is not None
    assert settled.back is BackReason.WRONG_AMOUNT


def test_a_success_after_a_decline_counts_and_a_second_decline_is_no_news() -> None:
    of = placed()
    held = started(of)

    declined = payments.settle(held, Declined(reason="no_money"), of, LATER)

    assert declined is not None
    assert isinstance(declined.change.happened[0].event, PaymentDeclined)
    assert declined.change.value.decline_reason == "no_money"
    assert payments.settle(declined.change.now, Declined(reason="no_money"), of, LATER) is None
    later = payments.settle(declined.change.now, came(held), of, LATER)
    assert later is not None
    assert (later.pays, later.change.value.decline_reason) == (True, None)


@pytest.mark.parametrize(("amount", "currency"), [(280, "USD"), (0, "EUR"), (-1, "EUR"), (10**16, "EUR")])
def test_what_cannot_be_is_nonsense(amount: int, currency: str) -> None:
    held = started(placed())

    with pytest.raises(Nonsense):
        payments.settle(held, came(held, amount, currency), placed(), LATER)


def test_what_went_back_adds_up_and_all_of_it_is_refunded() -> None:
    of = placed()
    held = started(of)
    settled = payments.settle(held, came(held), of, LATER)
    assert settled is not None
    owed = OwedRefund(
        id=uuid4(),
        payment_id=held.value.id,
        amount_minor=100,
        reason=BackReason.ORDER_REFUNDED,
        state=RefundState.DUE,
        error="",
        made_at=LATER,
        refunded_at=None,
    )

    first = payments.refunded(settled.change.now, owed, LATER)
    second = payments.refunded(first.now, replace(owed, id=uuid4(), amount_minor=180), LATER)

    assert isinstance(first.happened[0].event, PaymentRefunded)
    assert (first.value.status, first.value.refunded_minor) == ("succeeded", 100)
    assert (second.value.status, second.value.refunded_minor) == ("refunded", 280)
    assert payments.wrong(second.value) == []


def test_the_event_of_a_state_is_that_of_what_was_done_last() -> None:
    of = placed()
    held = started(of)
    settled = payments.settle(held, came(held), of, LATER)
    assert settled is not None

    assert payments.newest(held.value) == payments.start(held.value.id, of, "test", MOMENT).happened[0]
    assert payments.newest(settled.change.value) == settled.change.happened[0]


@pytest.mark.parametrize(
    ("different", "field"),
    [
        ({"status": "eaten"}, "status"),
        ({"currency": "XX"}, "currency"),
        ({"amount_minor": 0}, "amount_minor"),
        ({"refunded_minor": 1}, "refunded_minor"),
    ],
)
def test_what_breaks_a_rule_is_named(different: dict[str, object], field: str) -> None:
    payment = replace(started(placed()).value, **different)  # type: ignore[arg-type]

    assert [one.field for one in payments.wrong(payment)] == [field]
