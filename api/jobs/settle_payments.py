"""Asks payment providers again about payments that stay started, and sends back what is owed.

Whoever was killed between writing a payment down and settling it left it started. Asking again is under the same
idempotency key, so it comes to one charge or none. Each is claimed first: two schedulers share the work.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import structlog

from api.domain.errors import NotFound
from api.domain.payment_provider import ProviderAway
from api.domain.payments import RefundState
from api.payment_providers.choose_provider import payment_desk
from api.store import payments_due
from api.store.job_cause import job_cause
from api.store.payments_due import Due
from api.store.store import Store
from api.use_cases.payments.ask_provider import ask_provider
from api.use_cases.payments.payment_desk import PaymentDesk
from api.use_cases.payments.payments_access import ACTOR, payments_access
from api.use_cases.payments.send_back import send_back
from ops import metrics
from ops.scheduler.jobs import Job
from ops.sealed_secrets import SealedWithAnotherKey
from ops.settings import Settings

_BATCH: Final = 100
_EVERY_S: Final = 5.0


log = structlog.get_logger(__name__)


def ask_again(store: Store, desk: PaymentDesk, now: datetime, *, batch: int = _BATCH) -> int:
    """How many were asked about, of those that are due."""
    with store.reading(platform=True) as connection:
        found = payments_due.payments_due(connection, now, batch)
    return sum(_asked(store, desk, due, now) for due in found)


def send_all_back(store: Store, desk: PaymentDesk, now: datetime, *, batch: int = _BATCH) -> int:
    """How many times money was tried to be sent back."""
    with store.reading(platform=True) as connection:
        found = payments_due.refunds_due(connection, now, batch)
    return sum(_sent_back(store, desk, due, now) for due in found)


def measure(store: Store) -> None:
    with store.reading(platform=True) as connection:
        found = payments_due.waiting(connection)
    metrics.PAYMENTS_WAITING.set(found.payments)
    metrics.PAYMENTS_OLDEST_WAITING.set(_seconds(found.oldest_payment))
    metrics.PAYMENTS_REFUNDS_DUE.set(found.refunds)
    metrics.PAYMENTS_REFUNDS_BY_HAND.set(found.refused)
    metrics.PAYMENTS_OLDEST_REFUND_DUE.set(_seconds(found.oldest_refund))


def turn(settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
    """Measured also when nobody can be asked: what waits then is what matters."""
    metrics.begin_payments()
    store = Store(settings.postgres_scheduler_url, connections=1, clock=clock)
    store.open()
    try:
        measure(store)
        desk = payment_desk(settings)
        if desk.provider is not None:
            ask_again(store, desk, clock())
            send_all_back(store, desk, clock())
    finally:
        store.close()


JOB: Final = Job("payments", lambda _: _EVERY_S, turn)


def _asked(store: Store, desk: PaymentDesk, due: Due, now: datetime) -> bool:
    access = payments_access(store, due.tenant_id)
    if access is None or not _is_near(desk):
        return False
    with store.reading(due.tenant_id) as connection:
        sealed = payments_due.claim_payment(connection, due, due.next_at(now, desk.ask_again))
    if sealed is None:
        return False
    with store.view(access) as view:
        held = view.payments.get(due.id)
    if held is None:
        return False
    try:
        token = desk.open(due.id, sealed)
        ask_provider(store, desk, access, job_cause(ACTOR, "payment", about=due.id), held.value, token, now)
    except (ProviderAway, SealedWithAnotherKey) as not_yet:
        log.warning("payment_still_started", payment_id=str(due.id), reason=type(not_yet).__name__)
    return True


def _sent_back(store: Store, desk: PaymentDesk, due: Due, now: datetime) -> bool:
    access = payments_access(store, due.tenant_id)
    if access is None or not _is_near(desk):
        return False
    with store.reading(due.tenant_id) as connection:
        claimed = payments_due.claim_refund(connection, due, due.next_at(now, desk.ask_again))
    if not claimed:
        return False
    try:
        state = send_back(store, desk, access, job_cause(ACTOR, "refund", about=due.id), due.id)
    except (ProviderAway, NotFound) as not_yet:
        log.warning("refund_still_due", refund_id=str(due.id), reason=type(not_yet).__name__)
        return True
    if state is RefundState.FAILED:
        metrics.PAYMENTS_REFUNDS_REFUSED.inc()
        log.error("refund_refused", refund_id=str(due.id))
    return True


def _is_near(desk: PaymentDesk) -> bool:
    """Whether it may be asked: one that has just not answered keeps nobody waiting."""
    try:
        desk.asked.require_near()
    except ProviderAway:
        return False
    return True


def _seconds(moment: datetime | None) -> float:
    return 0 if moment is None else moment.timestamp()
