"""Declares the events of a tenant, a shop with its own people, languages and money."""

from dataclasses import dataclass
from uuid import UUID

from schemas.aggregate import Aggregate
from schemas.event_history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """`currency` is ISO 4217, locales are BCP 47; `default_locale` is one of `locales`."""

    id: UUID
    slug: str
    name: str
    domains: tuple[str, ...]
    default_locale: str
    locales: tuple[str, ...]
    currency: str
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantCreated:
    """A shop opened."""

    tenant: Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantUpdated:
    """Name, domains or languages changed."""

    tenant: Tenant
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantDeactivated:
    """The shop is closed: nothing of it is served any more, nothing is deleted."""

    tenant: Tenant


HISTORIES = (
    History("tenant.created", (TenantCreated,)),
    History("tenant.updated", (TenantUpdated,)),
    History("tenant.deactivated", (TenantDeactivated,)),
)
AGGREGATE = Aggregate(
    name="tenant",
    plural="tenants",
    owner="platform",
    histories=HISTORIES,
    gone=TenantDeactivated,
    partitions=1,
    meanings={"tenant": "the shop after the change"},
)
TenantEvent = TenantCreated | TenantUpdated | TenantDeactivated
