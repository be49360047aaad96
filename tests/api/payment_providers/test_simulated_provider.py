"""The provider `test` plays what its tokens say, and keeps what every provider has to keep."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from api.domain.errors import Malformed
from api.domain.payment_provider import (
    Charge,
    Declined,
    MoneyBack,
    NotFromProvider,
    NotSentBack,
    PaymentProvider,
    SentBack,
    Succeeded,
    Told,
    Waiting,
)
from api.payment_providers.choose_provider import payment_desk
from api.payment_providers.simulated_provider import SimulatedProvider, TestToken
from ops.failure import Failure
from ops.settings import Settings
from ops.webhook_signature import new_secret, signed_headers
from tests.support.payment_providers import KEY, SECRET, Ledger, nowhere

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def charge(token: str = TestToken.SUCCESS) -> Charge:
    return Charge(payment_id=uuid4(), order_id=uuid4(), amount_minor=100, currency="EUR", token=token)


def simulated() -> SimulatedProvider:
    return SimulatedProvider(SECRET, nowhere)


@pytest.mark.parametrize("make", [simulated, Ledger])
def test_asked_twice_under_one_key_it_answers_the_same(make: Callable[[], PaymentProvider]) -> None:
    provider, asked = make(), charge()

    first = provider.start(asked)

    assert isinstance(first, Succeeded)
    assert provider.start(asked) == first
    back = MoneyBack(
        refund_id=uuid4(), payment_id=asked.payment_id, reference=first.reference, amount_minor=1, currency="EUR"
    )
    assert provider.refund(back) == provider.refund(back) == SentBack()


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        (TestToken.SUCCESS, Succeeded),
        (TestToken.DECLINE, Declined),
        (TestToken.LATE, Waiting),
        (TestToken.DUPLICATE, Waiting),
        (TestToken.FIRST, Succeeded),
        (TestToken.WRONG_AMOUNT, Succeeded),
        (TestToken.NEVER, Waiting),
        ("anything else", Declined),
    ],
)
def test_a_token_says_what_becomes_of_it(token: str, kind: type) -> None:
    assert isinstance(simulated().start(charge(token)), kind)


@pytest.mark.parametrize(
    ("token", "webhooks"), [(TestToken.SUCCESS, 0), (TestToken.LATE, 1), (TestToken.DUPLICATE, 2), (TestToken.FIRST, 1)]
)
def test_webhooks_come_as_the_token_says(token: str, webhooks: int) -> None:
    came: list[Told | None] = []

    def deliver(headers: Mapping[str, str], body: bytes, after_s: float) -> None:
        came.append(provider.read_webhook(headers, body, datetime.now(UTC)))
        assert (after_s == 0) == (token == TestToken.FIRST)

    provider = SimulatedProvider(SECRET, deliver)
    asked = charge(token)

    provider.start(asked)

    assert [told is not None and told.payment_id for told in came] == [asked.payment_id] * webhooks
    assert all(told is not None and isinstance(told.outcome, Succeeded) for told in came)


def test_who_keeps_the_money_says_so() -> None:
    provider, asked = simulated(), charge(TestToken.KEEPS)
    taken = provider.start(asked)
    assert isinstance(taken, Succeeded)
    back = MoneyBack(
        refund_id=uuid4(), payment_id=asked.payment_id, reference=taken.reference, amount_minor=1, currency="EUR"
    )

    assert provider.refund(back) == NotSentBack(reason="account_closed")


def test_only_what_is_signed_and_fresh_is_read() -> None:
    provider = simulated()
    headers, body = provider.webhook(uuid4(), Declined(reason="no"), NOW)
    wrong: list[tuple[dict[str, str], bytes, datetime]] = [
        (headers, body + b" ", NOW),
        ({**headers, "webhook-id": "another"}, body, NOW),
        ({**headers, "webhook-signature": "v1,é"}, body, NOW),
        ({**headers, "webhook-timestamp": "²"}, body, NOW),
        ({**headers, "webhook-timestamp": "9" * 5000}, body, NOW),
        (headers, body, NOW + timedelta(minutes=6)),
        (headers, body, NOW - timedelta(minutes=6)),
        (signed_headers([new_secret()], "i", NOW, body), body, NOW),
        ({}, body, NOW),
    ]

    assert provider.read_webhook(headers, body, NOW + timedelta(minutes=4)) is not None
    for sent, content, at in wrong:
        with pytest.raises(NotFromProvider):
            provider.read_webhook(sent, content, at)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"payment_id": 1}',
        b'{"payment_id": "x", "status": "succeeded"}',
        b"[" * 100000,
        b'{"payment_id": "01a21e64-6f2b-7c55-8a53-0d5b6f0b8c11", "status": "succeeded", "amount_minor": true,'
        b' "currency": "EUR", "reference": "r"}',
    ],
)
def test_what_is_signed_and_no_webhook_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        simulated().read_webhook(signed_headers([SECRET], "i", NOW, body), body, NOW)


def test_what_it_tells_of_something_else_is_passed_over() -> None:
    body = b'{"payment_id": "01a21e64-6f2b-7c55-8a53-0d5b6f0b8c11", "status": "disputed"}'

    assert simulated().read_webhook(signed_headers([SECRET], "i", NOW, body), body, NOW) is None


def settings(**different: Any) -> Settings:
    return Settings(payment_key=KEY, **different)


def test_in_development_it_is_the_provider_and_in_production_nobody_is() -> None:
    assert payment_desk(settings()).name == "test"
    assert payment_desk(settings(environment="production")).provider is None
    assert payment_desk(settings(environment="production", payment_provider="test")).name == "test"


def test_a_provider_that_is_not_installed_or_a_poor_key_is_said_at_the_start() -> None:
    with pytest.raises(Failure, match="no payment provider nobody: there are test"):
        payment_desk(settings(payment_provider="nobody"))
    with pytest.raises(Failure, match="no good key"):
        payment_desk(Settings(payment_key="short"))
