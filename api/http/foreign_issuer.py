"""Reads tokens of an identity provider that the settings name: who it is, of which shop and with which role.

Of its tokens those are good that are meant for us, as access tokens, and whose role the settings know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import jwt

from api.domain.errors import Forbidden
from api.domain.permissions import Role
from api.http.issuer_keys import IssuerKeys
from api.http.refreshed_value import RefreshedValue

#: What a token may say that it is, when it says anything; whatever its letters.
_KINDS: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})
#: What only ID tokens have: those tell a client who signed in, and let nobody in here.
_OF_ID_TOKENS: Final = frozenset({"nonce", "at_hash", "c_hash"})


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerRules:
    """`roles`: what the provider calls a role → what it is here; of several that somebody has, the first here counts.

    A claim is named as it is, or by the way to it: `realm_access.roles`.
    """

    issuer: str
    audience: str
    algorithm: str
    tenant_claim: str
    role_claim: str
    roles: Mapping[str, Role]


class ForeignIssuer:
    def __init__(self, rules: IssuerRules, keys: RefreshedValue[IssuerKeys]) -> None:
        self._rules = rules
        self._keys = keys

    def names_itself(self, token: str) -> bool:
        """Whether the token says that it is of this issuer; anybody can say so. Raises `InvalidTokenError`."""
        said = jwt.decode(token, options={"verify_signature": False})
        return bool(said.get("iss") == self._rules.issuer)

    def claims(self, token: str, header: Mapping[str, Any]) -> dict[str, Any]:
        """In our own words. Raises `InvalidTokenError`, `Forbidden` for roles nobody knows, and `StoreDown`."""
        if str(header.get("typ", "jwt")).lower() not in _KINDS:
            raise jwt.InvalidTokenError
        given = jwt.decode(
            token,
            self._key(header.get("kid")),
            algorithms=[self._rules.algorithm],
            audience=self._rules.audience,
            issuer=self._rules.issuer,
            options={"require": ["exp", "sub", "iss", "aud"], "verify_iat": False, "verify_nbf": False},
        )
        if _OF_ID_TOKENS & given.keys() or given.get("typ") == "ID":
            raise jwt.InvalidTokenError
        own: dict[str, Any] = {name: given[name] for name in ("sub", "exp", "iat", "nbf") if name in given}
        return {**own, "role": self._role(given), "tenant": _claim(given, self._rules.tenant_claim)}

    def _key(self, kid: Any) -> jwt.PyJWK:
        if not isinstance(kid, str):
            raise jwt.InvalidTokenError
        found = self._keys.get().get(kid) or self._keys.newer().get(kid)
        if found is None:
            raise jwt.InvalidTokenError
        return found

    def _role(self, given: Mapping[str, Any]) -> Role:
        said = _claim(given, self._rules.role_claim)
        has = said if isinstance(said, list) else [said]
        role = next((role for name, role in self._rules.roles.items() if name in has), None)
        if role is None:
            raise Forbidden("This token has no role that is known here.")
        return role


def _claim(given: Mapping[str, Any], name: str) -> Any:
    """The claim of this name, which may have dots in it, else what is at the end of this way."""
    if name in given:
        return given[name]
    found: Any = given
    for step in name.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found
