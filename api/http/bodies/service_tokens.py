"""A token of a program in JSON; its text only in the answer to who made it."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from api.domain.service_tokens import ServiceToken
from api.domain.token_text import TokenKind
from api.http.bodies.fields import AnswerBody, PageAnswer


class ServiceTokenAnswer(AnswerBody):
    id: UUID
    kind: TokenKind
    name: str
    permissions: list[str]
    ending: str = Field(description="How its text ends, to tell it from others.")
    made_by: str
    made_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None = Field(description="When it was last used, to the minute.")

    @classmethod
    def of(cls, held: ServiceToken, **more: str) -> Self:
        return cls(
            id=held.id,
            kind=held.kind,
            name=held.name,
            permissions=held.permissions,
            ending=held.ending,
            made_by=held.made_by,
            made_at=held.made_at,
            expires_at=held.expires_at,
            revoked_at=held.revoked_at,
            used_at=held.used_at,
            **more,
        )


class ServiceTokenMade(ServiceTokenAnswer):
    token: str = Field(description="Its text. This is the only time that it is shown.")


class ServiceTokenPage(PageAnswer):
    items: list[ServiceTokenAnswer]
