"""What people command about payments, and ask of them."""

import re
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from api.domain.payments import PaymentStatus, RefundState
from api.use_cases.fields import Input, Name
from api.use_cases.pages import PageAsked

_CARD_NUMBER: Final = re.compile(r"(?:\d[ -]?){12,19}")


def _no_card(token: str) -> str:
    if _CARD_NUMBER.fullmatch(token):
        raise ValueError("it looks like a card's number: send the provider's token for it")  # pydantic wants ValueError
    return token


class NewPayment(Input):
    token: Annotated[
        str, StringConstraints(min_length=1, max_length=500, pattern=r"^[\x21-\x7e]+$"), AfterValidator(_no_card)
    ] = Field(description="What the provider's own page made of the card: never a card's number.")


class SentByHand(Input):
    reason: Name = Field(description="How it went back, as it is to stand in the order's timeline.")


class PaymentsAsked(PageAsked):
    status: PaymentStatus | None = None
    refund_state: RefundState | None = Field(
        default=None, description="Those of which something goes back that is so: `failed` waits for somebody."
    )
    order_id: UUID | None = Field(default=None, description="Those for one order.")
