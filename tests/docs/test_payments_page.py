"""The provider on the page on payments is one, and what the page says of tokens, states and times is so."""

import json
import tomllib
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest

from api.domain.errors import Malformed
from api.domain.payment_provider import (
    Charge,
    Declined,
    MoneyBack,
    NotFromProvider,
    NotSentBack,
    SentBack,
    Succeeded,
    Told,
    Waiting,
)
from api.domain.payments import BackReason, PaymentStatus, RefundState
from api.http.server.route_classes import PAYMENT_WEBHOOKS
from api.payment_providers.choose_provider import GROUP
from api.payment_providers.guarded_provider import GuardedCalls
from api.payment_providers.simulated_provider import TestToken
from api.store.payments_due import LONGEST
from ops.settings import Settings
from ops.webhook_signature import new_secret, signed_headers
from tests.docs.pages import ROOT, blocks, first_cells

PAGE: Final = ROOT / "docs" / "payments.md"
SECRET: Final = new_secret()
NOW: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)


def gateway(answer: dict[str, Any], seen: list[httpx.Request]) -> GuardedCalls:
    """The provider of the page, before a service that answers this."""
    found: dict[str, Any] = {}
    (code,) = blocks(PAGE, "python")
    exec(compile(code, PAGE.name, "exec"), found)  # noqa: S102  # our own page

    def serve(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=answer)

    client = httpx.Client(base_url="https://gateway.example", transport=httpx.MockTransport(serve))
    return GuardedCalls(found["Gateway"](client, SECRET), 5)


CAPTURED: Final = {"state": "captured", "charge": "ch_1", "amount": 300, "currency": "EUR"}


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (CAPTURED, Succeeded(reference="ch_1", amount_minor=300, currency="EUR")),
        ({"state": "failed", "code": "no_money"}, Declined(reason="no_money")),
        ({"state": "open", "url": "https://gateway.example/3ds"}, Waiting(redirect_url="https://gateway.example/3ds")),
    ],
)
def test_the_provider_of_the_page_takes_money_under_its_key(answer: dict[str, Any], outcome: Any) -> None:
    seen: list[httpx.Request] = []
    charge = Charge(payment_id=uuid4(), order_id=uuid4(), amount_minor=300, currency="EUR", token="tok")

    assert gateway(answer, seen).start(charge) == outcome

    (request,) = seen
    assert (request.url.path, request.headers["Idempotency-Key"]) == ("/charges", str(charge.payment_id))
    assert json.loads(request.content)["amount"] == 300


@pytest.mark.parametrize(
    ("answer", "said"),
    [({"state": "accepted"}, SentBack()), ({"state": "refused", "code": "closed"}, NotSentBack(reason="closed"))],
)
def test_it_gives_money_back(answer: dict[str, Any], said: Any) -> None:
    seen: list[httpx.Request] = []
    back = MoneyBack(refund_id=uuid4(), payment_id=uuid4(), reference="ch_1", amount_minor=1, currency="EUR")

    assert gateway(answer, seen).refund(back) == said
    assert seen[0].headers["Idempotency-Key"] == str(back.refund_id)


def test_it_reads_its_own_webhooks_and_no_others() -> None:
    provider, payment_id = gateway({}, []), uuid4()

    def read(told: Any, secret: str = SECRET) -> Told | None:
        body = json.dumps(told).encode()
        return provider.read_webhook(signed_headers([secret], "i", NOW, body), body, NOW)

    assert read({"type": "charge", "id": str(payment_id), **CAPTURED}) == Told(
        payment_id=payment_id, outcome=Succeeded(reference="ch_1", amount_minor=300, currency="EUR")
    )
    assert read({"type": "payout"}) is None
    with pytest.raises(NotFromProvider):
        read({"type": "payout"}, new_secret())
    with pytest.raises(Malformed):
        read({"type": "charge", "id": "x"})


def test_it_is_named_where_providers_are_looked_for() -> None:
    (code,) = blocks(PAGE, "toml")

    assert list(tomllib.loads(code)["project"]["entry-points"]) == [GROUP]


def test_tokens_and_states_are_all_there() -> None:
    text = PAGE.read_text()

    assert first_cells(PAGE, "## The provider `test`") == list(TestToken)
    assert first_cells(PAGE, "## What becomes of one") == list(PaymentStatus)
    assert first_cells(PAGE, "## Money back") == list(RefundState)
    said = {BackReason.NOT_WANTED, BackReason.WRONG_AMOUNT}
    assert [one for one in said if f"`{one}`" not in text] == []


def test_the_times_and_sizes_it_tells_are_those_that_are_set() -> None:
    text = PAGE.read_text()

    assert Settings.model_fields["payment_waits_min"].default == 60
    assert "within an hour" in text
    assert LONGEST.total_seconds() == 900
    assert "up to a quarter of an hour" in text
    assert PAYMENT_WEBHOOKS.body_kib == 64
    assert "up to 64 KiB" in text
