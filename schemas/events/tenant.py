"""Declares the events of a tenant, a shop with its own people, languages and money."""

from dataclasses import dataclass
from uuid import UUID

from schemas.aggregate import Aggregate
from schemas.event_history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantV1:
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
class Tenant:
    """v2: figures are of a shop's own days, and what it does not use can be switched off.

    `currency` is ISO 4217, locales are BCP 47; `default_locale` is one of `locales`.
    `time_zone` is an IANA name. `domains` are those that were shown to be the shop's.
    """

    id: UUID
    slug: str
    name: str
    domains: tuple[str, ...]
    default_locale: str
    locales: tuple[str, ...]
    currency: str
    time_zone: str
    modules: tuple[str, ...]
    active: bool

    @classmethod
    def from_previous(cls, old: TenantV1) -> "Tenant":
        """Before version 2 days were those of UTC, and nothing could be switched off."""
        return cls(
            id=old.id,
            slug=old.slug,
            name=old.name,
            domains=old.domains,
            default_locale=old.default_locale,
            locales=old.locales,
            currency=old.currency,
            time_zone="UTC",
            modules=("analytics", "imports", "registry", "search"),
            active=old.active,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantCreatedV1:
    """A shop opened."""

    tenant: TenantV1


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantCreated:
    """v2: figures are of a shop's own days, and what it does not use can be switched off.

    A shop opened.
    """

    tenant: Tenant

    @classmethod
    def from_previous(cls, old: TenantCreatedV1) -> "TenantCreated":
        """What version 1 said, in the words of version 2."""
        return cls(tenant=Tenant.from_previous(old.tenant))


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantUpdatedV1:
    """Name, domains or languages changed."""

    tenant: TenantV1
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantUpdated:
    """v2: figures are of a shop's own days, and what it does not use can be switched off.

    Anything changed but that the shop is open; or it is open again, then `changed` names `active`.
    """

    tenant: Tenant
    changed: tuple[str, ...]

    @classmethod
    def from_previous(cls, old: TenantUpdatedV1) -> "TenantUpdated":
        """What version 1 said, in the words of version 2."""
        return cls(tenant=Tenant.from_previous(old.tenant), changed=old.changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantDeactivatedV1:
    """The shop is closed: nothing of it is served any more, nothing is deleted."""

    tenant: TenantV1


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantDeactivated:
    """v2: figures are of a shop's own days, and what it does not use can be switched off.

    The shop is closed: nothing of it is served any more, nothing is deleted.
    """

    tenant: Tenant

    @classmethod
    def from_previous(cls, old: TenantDeactivatedV1) -> "TenantDeactivated":
        """What version 1 said, in the words of version 2."""
        return cls(tenant=Tenant.from_previous(old.tenant))


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantDeleted:
    """The shop is gone with everything that was in it; of `tenant` only id and slug are left."""

    tenant: Tenant


HISTORIES = (
    History("tenant.created", (TenantCreatedV1, TenantCreated)),
    History("tenant.updated", (TenantUpdatedV1, TenantUpdated)),
    History("tenant.deactivated", (TenantDeactivatedV1, TenantDeactivated)),
    History("tenant.deleted", (TenantDeleted,)),
)
AGGREGATE = Aggregate(
    name="tenant",
    plural="tenants",
    owner="platform",
    histories=HISTORIES,
    gone=TenantDeleted,
    partitions=1,
    meanings={"tenant": "the shop after the change", "modules": "what is switched on, of what can be switched off"},
)
