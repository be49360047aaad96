"""Makes secrets of webhooks, and signs what is delivered with them, as Standard Webhooks has it.

https://github.com/standard-webhooks/standard-webhooks: HMAC-SHA256 over `<id>.<seconds>.<body>`, `v1,<base64>` for each
secret that is good, so that a receiver who has any of them can check it.
"""

import base64
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

PREFIX: Final = "whsec_"
ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"
_BYTES: Final = 32
#: What is signed is good for so long, and so much may a clock be ahead.
GOOD_FOR_S: Final = 300
_MOST_DIGITS: Final = 12


def new_secret() -> str:
    """The text that a receiver is given: `whsec_` and the key in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def signed_headers(good: Sequence[str], id_: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a delivery, signed with each secret that is good."""
    seconds = str(int(at.timestamp()))
    signed = f"{id_}.{seconds}.".encode() + body
    signatures = (base64.b64encode(hmac.digest(_key(one), signed, "sha256")).decode() for one in good)
    return {ID: id_, TIMESTAMP: seconds, SIGNATURE: " ".join(f"v1,{one}" for one in signatures)}


def is_signed(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether the secret signed it, at most five minutes ago. `headers` by their names in small letters."""
    id_, seconds, signatures = (headers.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE))
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= _MOST_DIGITS):
        return False
    if abs(now.timestamp() - int(seconds)) > GOOD_FOR_S:
        return False
    signed = f"{id_}.{seconds}.".encode() + body
    expected = b"v1," + base64.b64encode(hmac.digest(_key(secret), signed, "sha256"))
    return any(hmac.compare_digest(expected, one.encode()) for one in signatures.split(" "))


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX))
