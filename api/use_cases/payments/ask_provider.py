"""Asks the provider to take a payment that is written down, and settles what it says. Outside of any transaction.

May be done again at any time: the payment's id is the idempotency key.
"""

from dataclasses import dataclass
from datetime import datetime

from api.domain.changes import Versioned
from api.domain.errors import StaleVersion
from api.domain.payment_provider import EXPIRED, Charge, Declined, Outcome, ProviderAway, Waiting
from api.domain.payments import Nonsense
from api.domain.scope import Access
from api.store.errors import Collided
from api.store.outbox import Cause
from api.store.store import Store
from api.use_cases.payments.payment_desk import PaymentDesk
from api.use_cases.payments.settle_payment import settle_payment
from ops.metrics import PAYMENTS_SETTLED
from schemas.events.payment import Payment

#: Two who settle the same wait for each other; an order that somebody moves on at the same moment is read again.
AGAIN_ON = (Collided, StaleVersion)


@dataclass(frozen=True, slots=True)
class Asked:
    """The payment by now; `redirect_url` is where the customer has to go, if the provider said so."""

    payment: Versioned[Payment]
    redirect_url: str | None = None


def ask_provider(
    store: Store, desk: PaymentDesk, access: Access, cause: Cause, payment: Payment, token: str, now: datetime
) -> Asked:
    """Raises `ProviderAway`: the payment stays started."""
    charge = Charge(
        payment_id=payment.id,
        order_id=payment.order_id,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        token=token,
    )
    outcome = desk.of(payment.provider).start(charge)
    redirect_url = outcome.redirect_url if isinstance(outcome, Waiting) else None
    if isinstance(outcome, Waiting) and now - payment.started_at > desk.waits:
        outcome = Declined(reason=EXPIRED)
    return Asked(settle(store, access, cause, payment, outcome), redirect_url)


def settle(store: Store, access: Access, cause: Cause, payment: Payment, outcome: Outcome) -> Versioned[Payment]:
    """Raises `ProviderAway` for what cannot be: as if nobody had answered."""
    try:
        done = store.carry_out(access, cause, lambda work: settle_payment(work, payment.id, outcome), again_on=AGAIN_ON)
    except Nonsense as nonsense:
        raise ProviderAway from nonsense
    if done.is_news:
        PAYMENTS_SETTLED.labels(done.held.value.status).inc()
    return done.held
