"""Settles what a webhook of a provider tells: the shop is found by the payment, not by who sends it."""

from api.domain.payment_provider import Told
from api.store import payments as rows
from api.store.outbox import Cause
from api.store.store import Store
from api.use_cases.payments.ask_provider import settle
from api.use_cases.payments.payment_desk import PaymentDesk
from api.use_cases.payments.payments_access import payments_access
from api.use_cases.require_found import found
from schemas.events.tenant import Tenant


def hear_webhook(store: Store, desk: PaymentDesk, told: Told, cause: Cause, at_host_of: Tenant | None) -> bool:
    """Whether it was about a payment of ours, taken through this provider; at a shop's host, of this shop."""
    with store.reading(platform=True) as connection:
        tenant_id = rows.shop_of(connection, told.payment_id)
    if tenant_id is None or (at_host_of is not None and at_host_of.id != tenant_id):
        return False
    access = payments_access(store, tenant_id)
    if access is None:
        return False
    with store.view(access) as view:
        payment = found(view.payments.get, "payment", told.payment_id).value
    if payment.provider != desk.name:
        return False
    settle(store, access, cause, payment, told.outcome)
    return True
