"""Sends money back that is owed, through the provider that took it. May be done again at any time."""

from uuid import UUID

from api.domain import payments as domain
from api.domain.payment_provider import MoneyBack, NotSentBack, SentBack
from api.domain.payments import OwedRefund, RefundState
from api.domain.scope import Access
from api.store.outbox import Cause
from api.store.store import Store
from api.store.unit_of_work import UnitOfWork
from api.use_cases.payments.ask_provider import AGAIN_ON
from api.use_cases.payments.payment_desk import PaymentDesk
from api.use_cases.require_found import found
from schemas.events.payment import PaymentRefunded


def send_back(store: Store, desk: PaymentDesk, access: Access, cause: Cause, refund_id: UUID) -> RefundState:
    """What became of it. Raises `ProviderAway`: it stays due."""
    with store.view(access) as view:
        owed = found(view.payments.hold_refund, "refund", refund_id)
        payment = found(view.payments.get, "payment", owed.payment_id).value
        reference = view.payments.reference(payment.id)
    if owed.state is not RefundState.DUE:
        return owed.state
    answer = desk.of(payment.provider).refund(
        MoneyBack(
            refund_id=owed.id,
            payment_id=payment.id,
            reference=reference,
            amount_minor=owed.amount_minor,
            currency=payment.currency,
        )
    )
    return store.carry_out(access, cause, lambda work: _settled(work, owed, answer), again_on=AGAIN_ON)


def _settled(work: UnitOfWork, owed: OwedRefund, answer: SentBack | NotSentBack) -> RefundState:
    held = found(work.payments.hold, "payment", owed.payment_id)
    now_is = found(work.payments.hold_refund, "refund", owed.id)
    if now_is.state is not RefundState.DUE:
        return now_is.state
    if isinstance(answer, NotSentBack):
        work.payments.not_sent_back(owed.id, answer.reason, work.now)
        return RefundState.FAILED
    change = domain.refunded(held, owed, work.now)
    work.save(work.payments, change)
    (happened,) = change.happened
    if isinstance(happened.event, PaymentRefunded):
        work.payments.sent_back(happened.event.refund)
    return RefundState.DONE
