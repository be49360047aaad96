"""Who says so? A bearer token signed by us names tenant, actor and role, and nothing else does."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.domain.errors import Unauthenticated
from api.domain.permissions import PLATFORM_ROLES, Role
from api.receipts import Receipts
from ops.service_token import ALGORITHM, AUDIENCE, ISSUER


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks. Roles of the platform have no tenant, all others have one."""

    tenant_id: UUID | None
    tenant_slug: str | None
    actor_id: str
    role: Role


@dataclass(frozen=True, slots=True)
class Verified:
    """An actor, and when their token is worth nothing any more."""

    actor: Actor
    until: datetime


class Tokens:
    def __init__(self, key: str) -> None:
        if len(key) < 32:
            raise ValueError("the key that signs tokens has fewer than 32 characters")
        self._key = key

    def receipts(self) -> Receipts:
        """What signs receipts, with a key that is made from this one."""
        return Receipts(self._key)

    def issue(self, actor: Actor, *, now: datetime, valid: timedelta) -> str:
        claims = {"sub": actor.actor_id, "role": actor.role.value, "iss": ISSUER, "aud": AUDIENCE}
        if actor.tenant_id is not None:
            claims |= {"tenant": str(actor.tenant_id), "tenant_slug": actor.tenant_slug or ""}
        return jwt.encode({**claims, "iat": now, "exp": now + valid}, self._key, ALGORITHM)

    def verify(self, token: str) -> Actor:
        """Raises `Unauthenticated` as `read` does."""
        return self.read(token).actor

    def read(self, token: str) -> Verified:
        """Raises `Unauthenticated` for everything but a valid token of ours; never says more than it has to."""
        try:
            claims = _Claims.model_validate(
                jwt.decode(
                    token,
                    self._key,
                    algorithms=[ALGORITHM],
                    audience=AUDIENCE,
                    issuer=ISSUER,
                    options={"require": ["exp", "sub", "iss", "aud"]},
                )
            )
        except jwt.ExpiredSignatureError as expired:
            raise Unauthenticated("The token has expired.") from expired
        except (jwt.InvalidTokenError, ValidationError) as wrong:
            raise Unauthenticated("The token is not valid.") from wrong
        if (claims.tenant is None) != (claims.role in PLATFORM_ROLES):
            raise Unauthenticated("The token is not valid.")
        actor = Actor(tenant_id=claims.tenant, tenant_slug=claims.tenant_slug, actor_id=claims.sub, role=claims.role)
        return Verified(actor, datetime.fromtimestamp(claims.exp, UTC))


class _Claims(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    sub: str = Field(min_length=1, max_length=200)
    role: Role
    tenant: UUID | None = None
    tenant_slug: str | None = None
    exp: float
