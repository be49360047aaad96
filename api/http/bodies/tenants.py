"""A shop in JSON."""

from typing import Self
from uuid import UUID

from api.domain.changes import Versioned
from api.http.bodies.fields import AnswerBody, PageAnswer, Receipted
from schemas.events.tenant import Tenant


class TenantAnswer(AnswerBody):
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


class TenantPage(PageAnswer):
    items: list[TenantAnswer]
