"""What people command about payments, and ask of them."""

import re
from typing import Annotated, ClassVar, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from api.domain.payments import PaymentStatus, RefundState
from api.store.payments import LIST
from api.use_cases.fields import Input, Moment, Name
from api.use_cases.pages import PageAsked, Several

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


class PaymentsOfOrderAsked(PageAsked):
    TABLE: ClassVar = LIST

    sort: Literal["newest", "oldest"] = "newest"
    status: Several[PaymentStatus] | None = Field(default=None, description="Any of these.")
    provider: Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")] | None = None
    started_since: Moment | None = Field(default=None, description="At this time or later.")
    started_until: Moment | None = Field(default=None, description="Before this time.")
    refund_state: RefundState | None = Field(
        default=None, description="Those of which something goes back that is so: `failed` waits for somebody."
    )


class PaymentsAsked(PaymentsOfOrderAsked):
    order_id: UUID | None = Field(default=None, description="Those for one order.")
