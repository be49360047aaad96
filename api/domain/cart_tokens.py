"""Makes what a visitor without an account shows to reach their cart: 256 random bits, of which only a hash is kept."""

import hmac
import secrets
from hashlib import sha256
from typing import Final

PREFIX: Final = "rtc_"
_BYTES: Final = 32


def new_token() -> str:
    return PREFIX + secrets.token_urlsafe(_BYTES)


def token_hash(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogateescape")).digest()


def is_token_of(text: str | None, kept: bytes | None) -> bool:
    """In the same time whatever the text is."""
    return text is not None and kept is not None and hmac.compare_digest(token_hash(text), kept)
