"""A shop in JSON."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from api.domain.changes import Versioned
from api.http.bodies.fields import Answer, Body, Currency, Locale, Name, Page, Receipted
from schemas.events.tenant import Tenant

Domain = Annotated[str, StringConstraints(to_lower=True, max_length=253, pattern=r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$")]


class NewTenant(Body):
    slug: str = Field(min_length=1, max_length=63, description="a-z, 0-9 and -; unique on the platform.")
    name: Name
    domains: list[Domain] = Field(default=[], max_length=20, description="Hosts its storefronts are found under.")
    default_locale: Locale = "en"
    locales: list[Locale] | None = Field(default=None, min_length=1, max_length=50)
    currency: Currency = "EUR"


class TenantAnswer(Answer):
    id: UUID
    version: int
    slug: str
    name: str
    domains: list[str]
    default_locale: str
    locales: list[str]
    currency: str
    active: bool

    @classmethod
    def of(cls, held: Versioned[Tenant], **more: str) -> Self:
        tenant = held.value
        return cls(
            id=tenant.id,
            version=held.version,
            slug=tenant.slug,
            name=tenant.name,
            domains=list(tenant.domains),
            default_locale=tenant.default_locale,
            locales=list(tenant.locales),
            currency=tenant.currency,
            active=tenant.active,
            **more,
        )


class TenantDone(TenantAnswer, Receipted):
    pass


class TenantPage(Page):
    items: list[TenantAnswer]
