"""Makes what issues and reads tokens, as the settings say."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from api.domain.permissions import Role
from api.domain.signing_keys import SigningKey
from api.http.foreign_issuer import ForeignIssuer, IssuerRules
from api.http.issuer_keys import KeyFetcher, is_safe
from api.http.own_keys import ALGORITHM, OwnKeys
from api.http.refreshed_value import RefreshedValue
from api.http.tokens import AccessTokens
from ops.failure import Failure
from ops.sealed_secrets import Seal
from ops.settings import Settings

_KEYS_EVERY_S: Final = 300.0
#: How often somebody with a key that nobody knows can make us ask for it.
_KEYS_AGAIN_S: Final = 30.0
_KEYS_LONGEST_S: Final = 24 * 3600.0


def make_tokens(settings: Settings, read_keys: Callable[[], Sequence[SigningKey]]) -> AccessTokens:
    """`read_keys` gives the keys in the database and raises `StoreDown`. Raises `Failure` for what must not be."""
    key = settings.token_key.get_secret_value()
    published = settings.token_algorithm == ALGORITHM
    if settings.environment == "production" and not published:
        raise Failure(
            f"RUSTOK_TOKEN_ALGORITHM is {settings.token_algorithm}, which is for development: who checks such a token"
            " can also make one.",
            "Leave it out, or set it to EdDSA.",
        )
    try:
        keys = OwnKeys(read_keys, Seal(key), _now, time.monotonic) if published else None
        return AccessTokens(
            key,
            settings.service_key.get_secret_value(),
            settings.token_leeway_s,
            keys=keys,
            issuer=_issuer(settings),
        )
    except ValueError as short:
        raise Failure(str(short), "`rustok up` makes a key when there is none.") from short


def _issuer(settings: Settings) -> ForeignIssuer | None:
    if not settings.oidc_issuer:
        return None
    loopback = settings.environment == "development"
    if not is_safe(settings.oidc_issuer, loopback=loopback):
        raise Failure(
            f"RUSTOK_OIDC_ISSUER is {settings.oidc_issuer}, which is no https:// address.",
            "Give it as the provider writes it into `iss`; http:// is for development on this machine.",
        )
    if not settings.oidc_audience:
        raise Failure(
            "RUSTOK_OIDC_AUDIENCE is not set, so tokens for anybody would be taken for tokens for us.",
            "Set it to what the provider writes into `aud` of access tokens for this API.",
        )
    fetcher = KeyFetcher(settings.oidc_issuer, settings.oidc_algorithm, loopback=loopback)
    rules = IssuerRules(
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        algorithm=settings.oidc_algorithm,
        tenant_claim=settings.oidc_tenant_claim,
        role_claim=settings.oidc_role_claim,
        roles=_roles(settings),
    )
    keys = RefreshedValue(
        "issuer_keys",
        fetcher.fetch,
        time.monotonic,
        every_s=_KEYS_EVERY_S,
        again_s=_KEYS_AGAIN_S,
        longest_s=_KEYS_LONGEST_S,
    )
    return ForeignIssuer(rules, keys)


def _roles(settings: Settings) -> dict[str, Role]:
    known = {role.value: role for role in Role if role not in (Role.SERVICE, Role.ANONYMOUS)}
    unknown = sorted(set(settings.oidc_roles.values()) - known.keys())
    if unknown or not settings.oidc_roles:
        what = f"names {', '.join(unknown)}" if unknown else "is empty, so nobody of the provider could be let in"
        raise Failure(f"RUSTOK_OIDC_ROLES {what}.", f"What a role is here is one of {', '.join(known)}.")
    return {name: known[role] for name, role in settings.oidc_roles.items()}


def _now() -> datetime:
    return datetime.now(UTC)
