"""A payment in JSON. Every `*_minor` is in minor units of the payment's `currency`."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from api.domain.payments import BackReason, OwedRefund, PaymentStatus, RefundState
from api.http.bodies.fields import AnswerBody, PageAnswer
from api.use_cases.pages import Page
from api.use_cases.payments.read_payments import ShownPayment


class MoneyBackAnswer(AnswerBody):
    id: UUID
    amount_minor: int
    reason: BackReason = Field(description="Why it goes back.")
    state: RefundState = Field(
        description="`failed`: the provider refuses for good, and it has to go back by hand; then it is `done`."
    )
    error: str = Field(description="The provider's word for why it refused; empty when it did not.")
    made_at: datetime
    refused_at: datetime | None = Field(description="When the provider refused.")
    refunded_at: datetime | None
    by_hand: bool = Field(description="The provider had refused, and the shop sent it another way.")

    @classmethod
    def of(cls, owed: OwedRefund) -> Self:
        """Why the shop's people did it by hand is theirs: it is in the order's timeline."""
        return cls(
            id=owed.id,
            amount_minor=owed.amount_minor,
            reason=owed.reason,
            state=owed.state,
            error=owed.error,
            made_at=owed.made_at,
            refused_at=owed.refused_at,
            refunded_at=owed.refunded_at,
            by_hand=owed.by_hand is not None,
        )


class PaymentAnswer(AnswerBody):
    id: UUID
    version: int
    order_id: UUID
    provider: str
    status: PaymentStatus = Field(description="`returning`: the order could not take the money, so it goes back.")
    amount_minor: int
    currency: str
    received_minor: int | None = Field(description="What the provider has taken.")
    decline_reason: str | None = Field(description="The provider's word for it, or `expired`.")
    started_at: datetime
    settled_at: datetime | None
    refunded_minor: int = Field(description="All that went back so far.")
    refunds: list[MoneyBackAnswer] = Field(description="What goes back, and how far that has come.")

    @classmethod
    def of(cls, shown: ShownPayment, **more: str | None) -> Self:
        payment = shown.held.value
        return cls(
            id=payment.id,
            version=shown.held.version,
            order_id=payment.order_id,
            provider=payment.provider,
            status=PaymentStatus(payment.status),
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            received_minor=payment.received_minor,
            decline_reason=payment.decline_reason,
            started_at=payment.started_at,
            settled_at=payment.settled_at,
            refunded_minor=payment.refunded_minor,
            refunds=[MoneyBackAnswer.of(one) for one in shown.refunds],
            **more,
        )


class StartedPaymentAnswer(PaymentAnswer):
    redirect_url: str | None = Field(
        default=None, description="Where the customer finishes it, if it is not known yet."
    )


class PaymentPage(PageAnswer):
    items: list[PaymentAnswer]

    @classmethod
    def of(cls, page: Page[ShownPayment]) -> Self:
        return cls(items=[PaymentAnswer.of(one) for one in page.items], next_cursor=page.next_cursor)


class WebhookHeard(AnswerBody):
    known: bool = Field(description="Whether it was about a payment that there is.")
