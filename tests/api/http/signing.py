"""Keys that sign, without a database; and a forger, who signs with whatever he has."""

import base64
import hmac
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.domain.signing_keys import SigningKey
from api.http.own_keys import OwnKeys
from ops.sealed_secrets import Seal

SHARED = "a key for tests, long enough to sign"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def signing_key(kid: str, signs_from: datetime = LONG_AGO, private: Ed25519PrivateKey | None = None) -> SigningKey:
    pair = private or Ed25519PrivateKey.generate()
    return SigningKey(
        kid=kid,
        public=pair.public_key().public_bytes_raw(),
        sealed=Seal(SHARED).close(pair.private_bytes_raw(), kid),
        made_at=signs_from,
        signs_from=signs_from,
    )


def own_keys(
    read: Callable[[], Sequence[SigningKey]], now_s: Callable[[], float], clock: Callable[[], datetime] | None = None
) -> OwnKeys:
    return OwnKeys(read, Seal(SHARED), clock or (lambda: datetime.now(UTC)), now_s)


def forged(payload: dict[str, Any], secret: bytes, **header: str) -> str:
    """HS256 by hand: libraries refuse to take a public key for a shared secret."""
    parts = [_text(json.dumps(part).encode()) for part in ({"alg": "HS256", **header}, payload)]
    return ".".join([*parts, _text(hmac.digest(secret, ".".join(parts).encode(), "sha256"))])


def _text(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
