"""Declares what a payment provider has to do: take money, give it back, and tell of both under its signature.

Every call has an idempotency key of ours. Asked twice under one key, a provider does it once and answers the same: that
is what lets us ask again whenever we do not know what became of a call.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from api.domain.errors import FieldError, Refused, Unauthenticated

#: Why a payment was declined when nobody finished it in time.
EXPIRED: Final = "expired"
#: Of a reason: a word of the provider's, such as `insufficient_funds`.
MOST_OF_A_REASON: Final = 60
#: Of what a provider calls a payment by.
MOST_OF_A_REFERENCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What to take. `payment_id` is the idempotency key, and has to come back in every webhook about it.

    `token` is what the provider's own page made of the card, so that none of our processes sees a card.
    """

    payment_id: UUID
    order_id: UUID
    amount_minor: int
    currency: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """So much was taken. `reference` is what the provider calls it by; it is needed to give money back."""

    reference: str = field(repr=False)
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """Nothing was taken. `reason` is one word in small letters."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Not known yet: a webhook will tell. `redirect_url`: where the customer has to go to finish it, if anywhere."""

    redirect_url: str | None = None


Outcome = Succeeded | Declined | Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyBack:
    """What to send back of what was taken. `refund_id` is the idempotency key."""

    refund_id: UUID
    payment_id: UUID
    reference: str = field(repr=False)
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBack:
    """The provider has it, and will send it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSentBack:
    """It never will be. `reason` is one word."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a webhook tells of a payment."""

    payment_id: UUID
    outcome: Outcome


class PaymentProvider(Protocol):
    """Its calls may raise whatever they want, and hang: that is as if nobody had answered, and they are asked again.

    A provider that authorises first captures within `start`.
    """

    def start(self, charge: Charge) -> Outcome:
        """Takes the money, once for each `payment_id`, however often it is asked."""

    def refund(self, back: MoneyBack) -> SentBack | NotSentBack:
        """Sends money back, once for each `refund_id`."""

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Told | None:
        """What it tells; None when it is about nothing of ours. `headers` by their names in small letters.

        Raises `NotFromProvider` unless the signature is the provider's and not older than five minutes.
        """


class NotFromProvider(Unauthenticated):
    """The signature is not the provider's, or it is too old."""

    code = "not_from_provider"


class PaymentDeclined(Refused):
    """The provider did not take the money; the order is as it was."""

    code = "payment_declined"

    def __init__(self, reason: str) -> None:
        super().__init__(
            "The payment was declined; nothing was taken.",
            (FieldError("token", reason, "Pay in another way, or try again later."),),
        )


class ProviderAway(Refused):
    """The provider does not answer, or says nothing that makes sense: what became of a payment is found out later."""

    code = "payment_provider_unavailable"

    def __init__(self, retry_after_s: float = 5) -> None:
        super().__init__("The payment provider does not answer just now. Send the same again.")
        self.retry_after_s = retry_after_s
