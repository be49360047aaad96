"""Finds where somebody signs in: at the shop of the host, at the one they name, or among the platform's own people."""

from uuid import UUID

from flask import request

from api.domain.audit import SIGN_IN, AuditEntry
from api.domain.errors import Forbidden, Invalid, Unauthenticated
from api.http.dependencies import dependencies
from api.http.middleware import request_ids
from api.store.audit import entry_of
from api.store.outbox import Cause
from api.store.store import NO_TENANT
from api.store.tenants import TenantRows
from api.use_cases.users import bearer_secrets
from api.use_cases.users.bearer_secrets import BearerSecret, Kind
from api.use_cases.users.sign_in_desk import NOBODY
from schemas.events.tenant import Tenant


def shop_of(named: str | None) -> Tenant | None:
    """None: the platform's own people, at a host that is no shop's. Raises `Invalid`, `Forbidden`."""
    at_host = dependencies().tenants.by_host(request.host)
    if named is None:
        return _open(at_host)
    if at_host is not None:
        if at_host.slug != named:
            raise Forbidden("This host belongs to another shop.")
        return _open(at_host)
    with dependencies().store.reading(platform=True) as connection:
        held = TenantRows(connection).by_slug(named)
    if held is None:
        raise Invalid.field("shop", "unknown", f"There is no shop {named}.")
    return _open(held.value)


def brought(kind: Kind, text: str) -> tuple[BearerSecret | None, Tenant | None]:
    """What a text is, and of which shop's; None when it can be nothing. Raises `Forbidden`."""
    secret = bearer_secrets.read(kind, text)
    if secret is None:
        return None, None
    shop = None if secret.tenant_id == NO_TENANT else _by_id(secret.tenant_id)
    at_host = dependencies().tenants.by_host(request.host)
    if at_host is not None and (shop is None or shop.id != at_host.id):
        raise Forbidden("This host belongs to another shop.")
    return secret, _open(shop)


def cause() -> Cause:
    """This request of somebody whom nobody knows yet."""
    trace = request_ids.current()
    return Cause(
        actor_id=NOBODY,
        role=NOBODY,
        request_id=trace.request_id,
        correlation_id=trace.correlation_id,
        traceparent=trace.traceparent,
        address=request.remote_addr or "",
    )


def failed_sign_in(shop: Tenant | None, user_id: UUID | None) -> AuditEntry:
    """For the audit trail: by the id of the account, or nobody's when there is none."""
    own, now = NO_TENANT if shop is None else shop.id, dependencies().clock()
    actor = NOBODY if user_id is None else str(user_id)
    return entry_of(cause(), own, now, SIGN_IN, actor_id=actor, outcome="failed")


def _by_id(tenant_id: UUID) -> Tenant:
    found = dependencies().tenants.by_id(tenant_id)
    if found is None:
        raise Unauthenticated("Sign in again.")
    return found


def _open(shop: Tenant | None) -> Tenant | None:
    if shop is not None and not shop.active:
        raise Forbidden("This shop is closed.")
    return shop
