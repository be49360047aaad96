"""Issues and reads bearer tokens: signed by us, they name tenant, actor and role, and nothing else does.

People's tokens and those of processes are two kinds with a key each: who can sign one cannot sign the other.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

import jwt
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from api.domain.errors import Unauthenticated
from api.domain.permissions import PLATFORM_ROLES, Role
from api.domain.scope import Actor
from api.http.receipts import Receipts
from ops.service_token import ALGORITHM, AUDIENCE, ISSUER, KIND, SERVICE_AUDIENCE, service_token

SHORTEST: Final = 32
#: The last second that a datetime can tell.
_LAST: Final = 253_402_300_799
Second = Annotated[float, Field(ge=0, le=_LAST, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class Verified:
    """An actor, and when their token is worth nothing any more."""

    actor: Actor
    until: datetime


class AccessTokens:
    """`key` signs people's tokens, `service_key` those of processes. `leeway_s`: how far the clock of who issues one
    may be ahead of ours. An expired token has expired.
    """

    def __init__(self, key: str, service_key: str, leeway_s: float = 60) -> None:
        if min(len(key), len(service_key)) < SHORTEST:
            raise ValueError(f"a key that signs tokens has fewer than {SHORTEST} characters")
        if key == service_key:
            raise ValueError("people's tokens and those of processes are signed with the same key")
        self._key = key
        self._service_key = service_key
        self._leeway_s = leeway_s

    def receipts(self) -> Receipts:
        """What signs receipts, with a key that is made from this one."""
        return Receipts(self._key)

    def issue(self, actor: Actor, *, now: datetime, valid: timedelta) -> str:
        if actor.role is Role.SERVICE:
            return service_token(self._service_key, actor.actor_id, now, valid)
        claims = {"sub": actor.actor_id, "role": actor.role.value, "iss": ISSUER, "aud": AUDIENCE}
        claims |= {} if actor.session_id is None else {"sid": str(actor.session_id)}
        if actor.tenant_id is not None:
            claims |= {"tenant": str(actor.tenant_id), "tenant_slug": actor.tenant_slug or ""}
        return jwt.encode({**claims, "iat": now, "exp": now + valid}, self._key, ALGORITHM)

    def verify(self, token: str) -> Actor:
        """Raises `Unauthenticated` as `read` does."""
        return self.read(token).actor

    def read(self, token: str) -> Verified:
        """Raises `Unauthenticated` for everything but a valid token of ours; never says more than it has to."""
        try:
            of_process = jwt.get_unverified_header(token).get("typ") == KIND
            key, audience = (self._service_key, SERVICE_AUDIENCE) if of_process else (self._key, AUDIENCE)
            claims = _Claims.model_validate(_decoded(token, key, audience))
        except jwt.ExpiredSignatureError as expired:
            raise Unauthenticated("The token has expired.") from expired
        except (jwt.InvalidTokenError, ValidationError, OverflowError, RecursionError) as wrong:
            raise Unauthenticated("The token is not valid.") from wrong
        if max(claims.iat, claims.nbf) > time.time() + self._leeway_s:
            raise Unauthenticated("The token is not valid yet.")
        if (claims.tenant is None) != (claims.role in PLATFORM_ROLES) or of_process != (claims.role is Role.SERVICE):
            raise Unauthenticated("The token is not valid.")
        actor = Actor(
            tenant_id=claims.tenant,
            tenant_slug=claims.tenant_slug,
            actor_id=claims.sub,
            role=claims.role,
            session_id=claims.sid,
        )
        return Verified(actor, datetime.fromtimestamp(claims.exp, UTC))


def _decoded(token: str, key: str, audience: str) -> dict[str, Any]:
    return jwt.decode(
        token,
        key,
        algorithms=[ALGORITHM],
        audience=audience,
        issuer=ISSUER,
        options={"require": ["exp", "sub", "iss", "aud"], "verify_iat": False, "verify_nbf": False},
    )


class _Claims(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    sub: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
    role: Role
    tenant: UUID | None = None
    tenant_slug: str | None = None
    sid: UUID | None = None
    exp: Second
    iat: Second = 0
    nbf: Second = 0
