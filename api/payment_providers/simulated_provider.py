"""Takes no real money: the provider `test`, in which the token says what becomes of a payment.

It keeps nothing: what it answers follows from the payment's id and token, so that it does everything once by itself,
whichever process asks. Its webhooks are signed as Standard Webhooks has it, and sent to this platform's own API.
"""

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from api.domain.errors import Malformed
from api.domain.payment_provider import (
    Charge,
    Declined,
    MoneyBack,
    NotFromProvider,
    NotSentBack,
    Outcome,
    SentBack,
    Succeeded,
    Told,
    Waiting,
)
from ops.webhook_signature import PREFIX, is_signed, signed_headers

NAME: Final = "test"
#: Takes the headers and the body of a webhook to the API, and the seconds to wait before; 0: it returns afterwards.
Deliver = Callable[[Mapping[str, str], bytes, float], None]
_LATE_S: Final = 2.0


class TestToken(StrEnum):
    """What can be played through; every other token is declined as `unknown_token`."""

    __test__ = False  # for pytest, which collects classes by their names

    SUCCESS = "test_success"
    DECLINE = "test_decline"
    #: Answers that it waits; a webhook says afterwards that it succeeded.
    LATE = "test_late_webhook"
    #: The same, and the webhook comes twice.
    DUPLICATE = "test_duplicate_webhook"
    #: The webhook comes before the answer to the start.
    FIRST = "test_webhook_first"
    #: Takes one minor unit more than it was asked to.
    WRONG_AMOUNT = "test_wrong_amount"
    #: Waits, and nobody ever finishes it.
    NEVER = "test_never"
    #: Succeeds, and does not give the money back.
    KEEPS = "test_keeps_the_money"


class SimulatedProvider:
    """A `PaymentProvider`."""

    def __init__(self, secret: str, deliver: Deliver) -> None:
        self._secret = secret
        self._deliver = deliver

    def start(self, charge: Charge) -> Outcome:
        succeeded = Succeeded(
            reference=f"{charge.token}/{charge.payment_id}", amount_minor=charge.amount_minor, currency=charge.currency
        )
        match charge.token:
            case TestToken.SUCCESS | TestToken.KEEPS:
                return succeeded
            case TestToken.DECLINE:
                return Declined(reason="card_declined")
            case TestToken.LATE | TestToken.DUPLICATE:
                for _ in range(2 if charge.token == TestToken.DUPLICATE else 1):
                    self._deliver(*self.webhook(charge.payment_id, succeeded), _LATE_S)
                return Waiting()
            case TestToken.FIRST:
                self._deliver(*self.webhook(charge.payment_id, succeeded), 0)
                return succeeded
            case TestToken.WRONG_AMOUNT:
                return Succeeded(
                    reference=succeeded.reference,
                    amount_minor=charge.amount_minor + 1,
                    currency=charge.currency,
                )
            case TestToken.NEVER:
                return Waiting(redirect_url=f"https://pay.example/{charge.payment_id}")
        return Declined(reason="unknown_token")

    def refund(self, back: MoneyBack) -> SentBack | NotSentBack:
        if back.reference.startswith(f"{TestToken.KEEPS}/"):
            return NotSentBack(reason="account_closed")
        return SentBack()

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Told | None:
        """Raises `Malformed`, too, for what is signed and no webhook."""
        if not is_signed(self._secret, headers, body, now):
            raise NotFromProvider("The signature is not the provider's, or older than five minutes.")
        try:
            return _told(json.loads(body))
        except (ValueError, TypeError, KeyError, RecursionError) as wrong:
            raise Malformed("That is no webhook of this provider.") from wrong

    def webhook(
        self, payment_id: UUID, outcome: Succeeded | Declined, at: datetime | None = None
    ) -> tuple[dict[str, str], bytes]:
        """The headers and the body of what tells that outcome, signed now."""
        told: dict[str, Any] = {"payment_id": str(payment_id)}
        match outcome:
            case Succeeded():
                told |= {
                    "status": "succeeded",
                    "reference": outcome.reference,
                    "amount_minor": outcome.amount_minor,
                    "currency": outcome.currency,
                }
            case Declined():
                told |= {"status": "declined", "reason": outcome.reason}
        body = json.dumps(told).encode()
        headers = signed_headers([self._secret], f"test-{payment_id}", at or datetime.now(UTC), body)
        return {**headers, "content-type": "application/json"}, body


def secret_of(key: str) -> str:
    """What its webhooks are signed with, on a platform with this key."""
    return PREFIX + base64.b64encode(hmac.digest(key.encode(), b"webhooks of the test provider", "sha256")).decode()


def _told(read: Any) -> Told | None:
    payment_id = UUID(str(read["payment_id"]))
    match read["status"]:
        case "succeeded":
            amount, currency, reference = read["amount_minor"], read["currency"], read["reference"]
            if type(amount) is not int or not isinstance(currency, str) or not isinstance(reference, str):
                raise ValueError("an amount, a currency or a reference is none")
            return Told(
                payment_id=payment_id,
                outcome=Succeeded(reference=reference, amount_minor=amount, currency=currency),
            )
        case "declined":
            return Told(payment_id=payment_id, outcome=Declined(reason=str(read["reason"])))
    return None
