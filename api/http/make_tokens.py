"""Makes what issues and reads tokens, as the settings say."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from api.domain.signing_keys import SigningKey
from api.http.own_keys import ALGORITHM, OwnKeys
from api.http.tokens import AccessTokens
from api.store.sealed_secrets import Seal
from ops.failure import Failure
from ops.settings import Settings


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
        return AccessTokens(key, settings.service_key.get_secret_value(), settings.token_leeway_s, keys=keys)
    except ValueError as short:
        raise Failure(str(short), "`rustok up` makes a key when there is none.") from short


def _now() -> datetime:
    return datetime.now(UTC)
