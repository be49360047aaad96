"""A shop in JSON, and its domains."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from api.domain.changes import Versioned
from api.http.bodies.fields import AnswerBody, PageAnswer, Receipted
from api.use_cases.tenants.shop_domains import ShopDomain
from ops.domain_checks import DNS_LABEL, DNS_PREFIX, FILE_PATH
from schemas.events.tenant import Tenant


class TenantAnswer(AnswerBody):
    id: UUID
    version: int
    slug: str
    name: str
    domains: list[str] = Field(description="Those that are the shop's; not those that are still to be shown to be.")
    default_locale: str
    locales: list[str]
    currency: str
    time_zone: str
    modules: list[str] = Field(description="Those that are on.")
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
            time_zone=tenant.time_zone,
            modules=list(tenant.modules),
            active=tenant.active,
            **more,
        )


class TenantDone(TenantAnswer, Receipted):
    pass


class TenantPage(PageAnswer):
    items: list[TenantAnswer]


class DomainProof(AnswerBody):
    """Publish one of the two, then have it verified."""

    txt_name: str = Field(description="Name of a TXT record.")
    txt_value: str
    file_url: str = Field(description="Address of a file, without redirects.")
    file_text: str
    claimed_at: datetime


class DomainAnswer(AnswerBody):
    domain: str
    verified: bool
    proof: DomainProof | None = Field(description="What is still to be shown; null when nothing is.")

    @classmethod
    def of(cls, one: ShopDomain) -> Self:
        claim = one.claim
        proof = claim and DomainProof(
            txt_name=f"{DNS_LABEL}.{one.domain}",
            txt_value=f"{DNS_PREFIX}{claim.proof}",
            file_url=f"http://{one.domain}{FILE_PATH}",
            file_text=claim.proof,
            claimed_at=claim.claimed_at,
        )
        return cls(domain=one.domain, verified=claim is None, proof=proof)


class DomainList(BaseModel):
    items: list[DomainAnswer]
