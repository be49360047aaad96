"""What makes a shop: a slug, its languages with one default, its money, its days, and the domains it is found under."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Final

from api.domain.changes import DatedEvent, Decision, Event, Versioned
from api.domain.errors import Conflict, Invalid
from api.domain.money import checked_currency
from schemas.events.tenant import Tenant, TenantCreated, TenantDeactivated, TenantDeleted, TenantUpdated

SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
RESERVED: Final = frozenset(
    {"admin", "api", "app", "assets", "docs", "graphql", "health", "localhost", "mail", "metrics", "platform", "root"}
    | {"rustok", "static", "status", "support", "system", "v1", "www"}
)
MOST_DOMAINS: Final = 20
_FIELDS: Final = ("name", "domains", "default_locale", "locales", "currency", "time_zone", "modules", "active")


def create(tenant: Tenant, now: datetime) -> Decision[Tenant]:
    if not SLUG.fullmatch(tenant.slug):
        raise Invalid.field("slug", "malformed", "A slug is 1 to 63 of a-z, 0-9 and -, and does not begin with -.")
    if is_id(tenant.slug):
        raise Invalid.field("slug", "malformed", "A slug is not written as an id is.")
    if tenant.slug in RESERVED:
        raise Invalid.field("slug", "reserved", f"{tenant.slug} is reserved.")
    _check(tenant)
    return Decision(aggregate_id=tenant.id, value=tenant, happened=(DatedEvent(TenantCreated(tenant=tenant), now),))


def is_id(name: str) -> bool:
    """Whether it is the id of a shop, not its slug."""
    return ID.fullmatch(name) is not None


def change(held: Versioned[Tenant], now_is: Tenant, now: datetime) -> Decision[Tenant] | None:
    """None when nothing is different. Raises `Invalid`."""
    changed = tuple(name for name in _FIELDS if getattr(held.value, name) != getattr(now_is, name))
    if not changed:
        return None
    _check(now_is)
    return _one(held, now_is, TenantUpdated(tenant=now_is, changed=changed), now)


def add_domain(held: Versioned[Tenant], domain: str, now: datetime) -> Decision[Tenant] | None:
    """It was shown to be the shop's: requests there are the shop's. Raises `Invalid` when there are too many."""
    if domain in held.value.domains:
        return None
    return change(held, replace(held.value, domains=(*held.value.domains, domain)), now)


def remove_domain(held: Versioned[Tenant], domain: str, now: datetime) -> Decision[Tenant] | None:
    return change(held, replace(held.value, domains=tuple(one for one in held.value.domains if one != domain)), now)


def deactivate(held: Versioned[Tenant], now: datetime) -> Decision[Tenant] | None:
    """None when it is closed already."""
    closed = replace(held.value, active=False)
    return _one(held, closed, TenantDeactivated(tenant=closed), now) if held.value.active else None


def reactivate(held: Versioned[Tenant], now: datetime) -> Decision[Tenant] | None:
    return change(held, replace(held.value, active=True), now)


def delete(held: Versioned[Tenant], now: datetime) -> Decision[Tenant]:
    """Only id and slug are left. Raises `Conflict` for a shop that is open."""
    if held.value.active:
        raise Conflict("A shop that is open is not erased: close it first.")
    left = replace(held.value, name=held.value.slug, domains=(), modules=())
    return _one(held, left, TenantDeleted(tenant=left), now)


def _check(tenant: Tenant) -> None:
    if tenant.default_locale not in tenant.locales:
        raise Invalid.field("default_locale", "unknown_locale", "The default locale is one of the locales.")
    if len(set(tenant.locales)) != len(tenant.locales):
        raise Invalid.field("locales", "repeated", "A locale is named twice.")
    if len(set(tenant.domains)) != len(tenant.domains):
        raise Invalid.field("domains", "repeated", "A domain is named twice.")
    if len(tenant.domains) > MOST_DOMAINS:
        raise Invalid.field("domains", "too_many", f"A shop has at most {MOST_DOMAINS} domains.")
    checked_currency(tenant.currency, "currency")


def _one(held: Versioned[Tenant], now_is: Tenant, event: Event, now: datetime) -> Decision[Tenant]:
    return Decision(aggregate_id=now_is.id, value=now_is, happened=(DatedEvent(event, now),), was_at=held.version)
