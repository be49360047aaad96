"""The keys that sign our access tokens, as a process of the API uses and publishes them.

Read again every two seconds, so that a retired one is believed no longer than that; while PostgreSQL is away the keys
that are known stay good.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt.algorithms import OKPAlgorithm

from api.domain.signing_keys import SigningKey, believed, signer
from api.http.refreshed_value import RefreshedValue
from api.store.errors import StoreDown
from ops.metrics import HTTP_SIGNING_KEY
from ops.sealed_secrets import Seal, SealedWithAnotherKey

ALGORITHM: Final = "EdDSA"
_EVERY_S: Final = 2.0
_AGAIN_S: Final = 1.0


class NoSigningKey(StoreDown):
    """There is no key that this process could sign with; those of others can be checked all the same."""

    def __init__(self, reason: str) -> None:
        super().__init__(retry_after_s=10)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True)
class Signer:
    kid: str
    private: Ed25519PrivateKey


class OwnKeys:
    """`read` gives all keys there are and raises `StoreDown`; `clock` is UTC, `now_s` runs evenly."""

    def __init__(
        self,
        read: Callable[[], Sequence[SigningKey]],
        seal: Seal,
        clock: Callable[[], datetime],
        now_s: Callable[[], float],
    ) -> None:
        self._keys = RefreshedValue("signing_keys", read, now_s, every_s=_EVERY_S, again_s=_AGAIN_S)
        self._seal = seal
        self._clock = clock
        self._opened: Signer | None = None

    def signer(self) -> Signer:
        """Raises `NoSigningKey`, `StoreDown`."""
        key = signer(self._keys.get(), self._clock())
        if key is None or key.sealed is None:
            raise NoSigningKey("no key signs access tokens: run `rustok api keys rotate`")
        opened = self._opened
        if opened is None or opened.kid != key.kid:
            try:
                private = Ed25519PrivateKey.from_private_bytes(self._seal.open(key.sealed, key.kid))
            except SealedWithAnotherKey as wrong:
                raise NoSigningKey(f"RUSTOK_TOKEN_KEY is not the one that key {key.kid} was sealed with") from wrong
            self._opened = opened = Signer(key.kid, private)
            HTTP_SIGNING_KEY.set(key.signs_from.timestamp())
        return opened

    def public(self, kid: str) -> Ed25519PublicKey | None:
        """None: no token of it is believed. Raises `StoreDown`."""
        found = self._believed(self._keys.get()).get(kid)
        if found is None:  # made a moment ago, perhaps
            found = self._believed(self._keys.newer()).get(kid)
        return None if found is None else Ed25519PublicKey.from_public_bytes(found.public)

    def believes(self, kid: str) -> bool:
        """Whether tokens of it are believed, as far as is known by now. Raises `StoreDown`."""
        return kid in self._believed(self._keys.get())

    def published(self) -> list[dict[str, Any]]:
        """As JSON Web Keys. Raises `StoreDown`."""
        return [
            {
                **OKPAlgorithm.to_jwk(Ed25519PublicKey.from_public_bytes(key.public), as_dict=True),
                "kid": key.kid,
                "use": "sig",
                "alg": ALGORITHM,
            }
            for key in believed(self._keys.get(), self._clock())
        ]

    def _believed(self, keys: Sequence[SigningKey]) -> dict[str, SigningKey]:
        return {key.kid: key for key in believed(keys, self._clock())}
