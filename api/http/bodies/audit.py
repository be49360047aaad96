"""A row of the audit trail, in JSON."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from api.domain.audit import Outcome
from api.http.bodies.fields import AnswerBody, PageAnswer
from api.store.audit import ShownEntry


class AuditAnswer(AnswerBody):
    id: UUID
    at: datetime
    tenant_id: UUID = Field(description="Whose trail it is in; only zeros for the platform's.")
    about: UUID | None = Field(description="The shop it was done in, when that is another one.")
    actor_id: str
    role: str
    act: str
    object: str
    outcome: Outcome
    reason: str
    address: str
    request_id: UUID
    correlation_id: str
    detail: dict[str, str | int]
    seq: int | None = Field(description="Its place in the chain of that trail; null until it has one, in minutes.")
    hash: str | None

    @classmethod
    def of(cls, shown: ShownEntry) -> Self:
        entry = shown.entry
        return cls(
            id=entry.id,
            at=entry.at,
            tenant_id=entry.tenant_id,
            about=entry.about,
            actor_id=entry.actor_id,
            role=entry.role,
            act=entry.act,
            object=entry.object,
            outcome=entry.outcome,
            reason=entry.reason,
            address=entry.address,
            request_id=entry.request_id,
            correlation_id=entry.correlation_id,
            detail=dict(entry.detail),
            seq=shown.seq,
            hash=None if shown.hash is None else shown.hash.hex(),
        )


class AuditPage(PageAnswer):
    items: list[AuditAnswer]
