"""Issues and reads bearer tokens: signed by us, they name tenant, actor and role, and nothing else does.

People's tokens and those of processes are two kinds with keys of their own: who can sign one cannot sign the other.
People's are signed with one of the published keys (Ed25519), or, for development, with the key that the hosts share.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from api.domain.errors import Unauthenticated
from api.domain.permissions import PLATFORM_ROLES, Role
from api.domain.scope import Actor
from api.domain.signing_keys import LONGEST_TOKEN
from api.http import own_keys
from api.http.foreign_issuer import ForeignIssuer
from api.http.kept_tokens import KeptToken, KeptTokens
from api.http.own_keys import OwnKeys
from api.http.receipts import Receipts
from api.use_cases.read_models.search_cursors import SearchCursors
from ops.service_token import ALGORITHM, AUDIENCE, ISSUER, KIND, SERVICE_AUDIENCE, service_token

SHORTEST: Final = 32
#: The `typ` of people's tokens that are signed with a published key (RFC 9068).
PEOPLES_KIND: Final = "at+jwt"
#: The last second that a datetime can tell.
_LAST: Final = 253_402_300_799
Second = Annotated[float, Field(ge=0, le=_LAST, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class Verified:
    """An actor, and until when that can be gone by without asking again."""

    actor: Actor
    until: datetime


class AccessTokens:
    """`service_key` signs the tokens of processes. People's are signed with `keys`, or with `key` where there are none:
    never is one of the other family believed. Those of `issuer`, an identity provider, are good, too.

    `leeway_s`: how far the clock of who issues one may be ahead of ours. An expired token has expired.
    """

    def __init__(
        self,
        key: str,
        service_key: str,
        leeway_s: float = 60,
        *,
        keys: OwnKeys | None = None,
        issuer: ForeignIssuer | None = None,
    ) -> None:
        if min(len(key), len(service_key)) < SHORTEST:
            raise ValueError(f"a key that signs tokens has fewer than {SHORTEST} characters")
        if key == service_key:
            raise ValueError("people's tokens and those of processes are signed with the same key")
        self._key = key
        self._service_key = service_key
        self._keys = keys
        self._issuer = issuer
        self._leeway_s = leeway_s
        self._kept: KeptTokens[Verified] = KeptTokens()

    def receipts(self) -> Receipts:
        """What signs receipts, with a key that is made from this one."""
        return Receipts(self._key)

    def search_cursors(self) -> SearchCursors:
        """What signs the cursors of searches, likewise."""
        return SearchCursors(self._key)

    def published(self) -> list[dict[str, Any]]:
        """The keys by which others can check our tokens, as JSON Web Keys. Raises `StoreDown`."""
        return [] if self._keys is None else self._keys.published()

    def require_signer(self) -> None:
        """Raises `StoreDown` when no token could be issued."""
        if self._keys is not None:
            self._keys.signer()

    def issue(self, actor: Actor, *, now: datetime, valid: timedelta) -> str:
        """Raises `StoreDown` when no key is there to sign with, and `ValueError` for one that is good for too long."""
        if actor.role is Role.SERVICE:
            return service_token(self._service_key, actor.actor_id, now, valid)
        claims = {"sub": actor.actor_id, "role": actor.role.value, "iss": ISSUER, "aud": AUDIENCE}
        claims |= {} if actor.session_id is None else {"sid": str(actor.session_id)}
        if actor.tenant_id is not None:
            claims |= {"tenant": str(actor.tenant_id), "tenant_slug": actor.tenant_slug or ""}
        claims_in_time = {**claims, "iat": now, "exp": now + valid}
        if self._keys is None:
            return jwt.encode(claims_in_time, self._key, ALGORITHM)
        if valid > LONGEST_TOKEN:
            raise ValueError(f"a token is good for {LONGEST_TOKEN // timedelta(hours=1)} hours at most")
        signer = self._keys.signer()
        headers = {"kid": signer.kid, "typ": PEOPLES_KIND}
        return jwt.encode(claims_in_time, signer.private, own_keys.ALGORITHM, headers=headers)

    def verify(self, token: str) -> Actor:
        """Raises `Unauthenticated` as `read` does."""
        return self.read(token).actor

    def read(self, token: str) -> Verified:
        """Raises `Unauthenticated` for everything but a valid token of ours; never says more than it has to.

        Raises `StoreDown` when the keys were never read, and `Forbidden` for a role of elsewhere that is unknown here.
        """
        kept = self._kept.find(token, time.time())
        if kept is not None and (kept.kid is None or (self._keys is not None and self._keys.believes(kept.kid))):
            return kept.verified
        try:
            header = jwt.get_unverified_header(token)
            of_process = header.get("typ") == KIND
            told = self._of_process(token) if of_process else self._of_person(token, header)
            claims = _Claims.model_validate(told)
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
        verified = Verified(actor, datetime.fromtimestamp(claims.exp, UTC))
        if told.get("iss") == ISSUER:  # the keys of another issuer are its own business each time
            kid = header["kid"] if self._keys is not None and not of_process else None
            self._kept.keep(token, KeptToken(verified, claims.exp, kid))
        return verified

    def _of_process(self, token: str) -> dict[str, Any]:
        return _decoded(token, self._service_key, ALGORITHM, SERVICE_AUDIENCE)

    def _of_person(self, token: str, header: dict[str, Any]) -> dict[str, Any]:
        """What the header says of keys elsewhere (`jku`, `jwk`, `x5u`) is not looked at."""
        if self._issuer is not None and self._issuer.names_itself(token):
            return self._issuer.claims(token, header)
        if self._keys is None:
            return _decoded(token, self._key, ALGORITHM, AUDIENCE)
        kid = header.get("kid")
        if header.get("typ") != PEOPLES_KIND or not isinstance(kid, str):
            raise jwt.InvalidTokenError
        key = self._keys.public(kid)
        if key is None:
            raise jwt.InvalidTokenError
        return _decoded(token, key, own_keys.ALGORITHM, AUDIENCE)


def _decoded(token: str, key: str | Ed25519PublicKey, algorithm: str, audience: str) -> dict[str, Any]:
    return jwt.decode(
        token,
        key,
        algorithms=[algorithm],
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
