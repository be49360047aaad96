"""Seals what must not be readable in the database: only who has the key that the API's hosts share can open it.

AES-256-GCM under a key made from that one; the name of what is sealed is sealed with it, so that nothing opens in
another's place.
"""

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES: Final = 12


class SealedWithAnotherKey(Exception):
    """The key of this host is not the one that this was sealed with."""


class Seal:
    def __init__(self, shared_key: str) -> None:
        derived = HKDF(SHA256(), length=32, salt=None, info=b"rustok sealed secrets").derive(shared_key.encode())
        self._cipher = AESGCM(derived)

    def close(self, secret: bytes, name: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret, name.encode())

    def open(self, sealed: bytes, name: str) -> bytes:
        """Raises `SealedWithAnotherKey`."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name.encode())
        except (InvalidTag, ValueError) as wrong:
            raise SealedWithAnotherKey(f"{name} was sealed with another key") from wrong
