"""A provider that hangs, fails or answers nonsense is away, and costs nobody more than its time."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from api.domain.payment_provider import Charge, Declined, MoneyBack, NotSentBack, ProviderAway, Succeeded
from api.payment_providers.guarded_provider import PLACES, GuardedCalls
from tests.support.payment_providers import Ledger, took


def charge() -> Charge:
    return Charge(payment_id=uuid4(), order_id=uuid4(), amount_minor=100, currency="EUR", token="t")


def raises(error: BaseException) -> Callable[[Any], Any]:
    def ask(_: Any) -> Any:
        raise error

    return ask


def test_what_it_answers_comes_through() -> None:
    ledger, asked = Ledger(), charge()

    assert GuardedCalls(ledger, 5).start(asked) == took(asked)


@pytest.mark.parametrize(
    "answer",
    [
        raises(ConnectionError("secret-token")),
        raises(KeyError("amount")),
        raises(SystemExit(1)),
        lambda _: None,
        lambda _: {"status": "succeeded"},
        lambda _: Succeeded(reference="", amount_minor=1, currency="EUR"),
        lambda _: Succeeded(reference="a\0b", amount_minor=1, currency="EUR"),
        lambda _: Succeeded(reference="r", amount_minor=True, currency="EUR"),
        lambda _: Succeeded(reference="r", amount_minor=1, currency=None),  # type: ignore[arg-type]
        lambda _: Declined(reason="x" * 61),
        lambda _: Declined(reason=""),
    ],
)
def test_a_fault_or_nonsense_is_nobody_answering(
    answer: Callable[[Any], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = Ledger()
    ledger.answer = answer

    with pytest.raises(ProviderAway):
        GuardedCalls(ledger, 5).start(charge())
    assert "secret-token" not in capsys.readouterr().out


def test_who_hangs_is_waited_for_no_longer_than_set_and_keeps_few_threads() -> None:
    ledger, release = Ledger(), threading.Event()
    ledger.before = lambda _: release.wait() and None
    guarded = GuardedCalls(ledger, 0.01)

    for _ in range(PLACES + 5):
        with pytest.raises(ProviderAway):
            guarded.start(charge())

    assert ledger.asked.total() == PLACES
    release.set()


def test_after_three_failures_nobody_is_asked_for_a_moment() -> None:
    ledger, now = Ledger(), [0.0]
    ledger.answer = raises(ConnectionError())
    guarded = GuardedCalls(ledger, 5, lambda: now[0])
    for _ in range(3):
        guarded.require_near()
        with pytest.raises(ProviderAway):
            guarded.start(charge())

    with pytest.raises(ProviderAway):
        guarded.require_near()
    now[0] = 3.0
    ledger.answer = took
    guarded.require_near()
    guarded.start(charge())
    guarded.require_near()


def test_a_refund_that_is_answered_with_nonsense_was_not_answered() -> None:
    ledger = Ledger()
    ledger.refund = lambda _: NotSentBack(reason="")  # type: ignore[method-assign, assignment]
    back = MoneyBack(refund_id=uuid4(), payment_id=uuid4(), reference="r", amount_minor=1, currency="EUR")

    with pytest.raises(ProviderAway):
        GuardedCalls(ledger, 5).refund(back)
