"""People in JSON, and what they are given when they sign in."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from api.domain.changes import Versioned
from api.domain.refresh_rotation import Session
from api.domain.users import Account
from api.http.bodies.fields import AnswerBody, PageAnswer, Receipted


class TokensAnswer(BaseModel):
    """Whoever sends a refresh token gets the next: keep that one. An old one ends the session, but for a moment."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105  # the name of its kind
    expires_in: int = Field(description="Seconds the access token is good.")
    refresh_token: str
    session_ends_at: datetime


class AcceptedAnswer(BaseModel):
    """The same whether there is such an account or not."""

    accepted: bool = True


class UserAnswer(AnswerBody):
    """`role_ids` are roles of the shop's own making."""

    id: UUID
    version: int
    email: str
    name: str
    role: str
    role_ids: list[UUID]
    status: str
    verified: bool = Field(description="Whether they have shown that the address is theirs.")
    customer_group: str | None = Field(description="Whose prices they pay; `null`: what everybody pays.")

    @classmethod
    def of(cls, held: Versioned[Account], **more: str) -> Self:
        account = held.value
        return cls(
            id=account.user.id,
            version=held.version,
            email=account.email,
            name=account.name,
            role=account.user.role,
            role_ids=list(account.user.role_ids),
            status=account.user.status,
            verified=account.verified,
            customer_group=account.customer_group,
            **more,
        )


class UserDone(UserAnswer, Receipted):
    pass


class UserPage(PageAnswer):
    items: list[UserAnswer]


class SessionAnswer(AnswerBody):
    id: UUID
    client: str
    opened_at: datetime
    used_at: datetime = Field(description="When it was opened, or renewed last.")
    ends_at: datetime
    current: bool

    @classmethod
    def of(cls, session: Session, own: UUID | None) -> Self:
        return cls(
            id=session.id,
            client=session.client,
            opened_at=session.opened_at,
            used_at=session.used_at,
            ends_at=session.ends_at,
            current=session.id == own,
        )


class SessionList(BaseModel):
    items: list[SessionAnswer]


class PersonAnswer(BaseModel):
    """What is there about somebody, by what it is: rows as they are kept, without secrets."""

    account: list[dict[str, Any]]
    roles: list[dict[str, Any]]
    sessions: list[dict[str, Any]]
    orders: list[dict[str, Any]]
    order_lines: list[dict[str, Any]]
    order_contacts: list[dict[str, Any]]
    order_parcels: list[dict[str, Any]]
    order_parcel_lines: list[dict[str, Any]]
    order_refunds: list[dict[str, Any]]
    order_refund_lines: list[dict[str, Any]]
    carts: list[dict[str, Any]]
    cart_lines: list[dict[str, Any]]
    tokens_made: list[dict[str, Any]]
    audit: list[dict[str, Any]] = Field(description="What they did that left a row of the audit trail.")


class ErasedAnswer(AnswerBody):
    account: bool = Field(description="Whether they had an account.")
    orders: int = Field(description="How many orders stay, under a name that nothing leads back from.")
