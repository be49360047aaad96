"""What makes a shop: a slug, its languages with one default, its money, and the domains it is found under."""

import re
from datetime import datetime
from typing import Final

from api.domain.changes import DatedEvent, Decision
from api.domain.errors import Invalid
from api.domain.money import checked_currency
from schemas.events.tenant import Tenant, TenantCreated

SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
RESERVED: Final = frozenset(
    {"admin", "api", "app", "assets", "docs", "graphql", "health", "localhost", "mail", "metrics", "platform", "root"}
    | {"rustok", "static", "status", "support", "system", "v1", "www"}
)


def create(tenant: Tenant, now: datetime) -> Decision[Tenant]:
    if not SLUG.fullmatch(tenant.slug):
        raise Invalid.field("slug", "malformed", "A slug is 1 to 63 of a-z, 0-9 and -, and does not begin with -.")
    if tenant.slug in RESERVED:
        raise Invalid.field("slug", "reserved", f"{tenant.slug} is reserved.")
    if tenant.default_locale not in tenant.locales:
        raise Invalid.field("default_locale", "unknown_locale", "The default locale is one of the locales.")
    if len(set(tenant.locales)) != len(tenant.locales):
        raise Invalid.field("locales", "repeated", "A locale is named twice.")
    if len(set(tenant.domains)) != len(tenant.domains):
        raise Invalid.field("domains", "repeated", "A domain is named twice.")
    checked_currency(tenant.currency, "currency")
    return Decision(aggregate_id=tenant.id, value=tenant, happened=(DatedEvent(TenantCreated(tenant=tenant), now),))
