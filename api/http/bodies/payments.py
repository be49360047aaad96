"""A payment in JSON. Every `*_minor` is in minor units of the payment's `currency`."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from api.domain.payments import BackReason, PaymentStatus, RefundState
from api.http.bodies.fields import AnswerBody, PageAnswer
from api.use_cases.payments.read_payments import ShownPayment


class MoneyBackAnswer(AnswerBody):
    id: UUID
    amount_minor: int
    reason: BackReason = Field(description="Why it goes back.")
    state: RefundState = Field(description="`failed`: the provider refuses for good, and it has to go back by hand.")
    error: str = Field(description="The provider's word for why it failed; empty when it did not.")
    made_at: datetime
    refunded_at: datetime | None


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
            refunds=[MoneyBackAnswer.model_validate(one) for one in shown.refunds],
            **more,
        )


class StartedPaymentAnswer(PaymentAnswer):
    redirect_url: str | None = Field(
        default=None, description="Where the customer finishes it, if it is not known yet."
    )


class PaymentPage(PageAnswer):
    items: list[PaymentAnswer]


class WebhookHeard(AnswerBody):
    known: bool = Field(description="Whether it was about a payment that there is.")
