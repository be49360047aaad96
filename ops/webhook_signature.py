"""Makes secrets of webhooks, and signs what is delivered with them, as Standard Webhooks has it.

https://github.com/standard-webhooks/standard-webhooks: HMAC-SHA256 over `<id>.<seconds>.<body>`, `v1,<base64>` for each
secret that is good, so that a receiver who has any of them can check it.
"""

import base64
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final

PREFIX: Final = "whsec_"
ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"
_BYTES: Final = 32


def new_secret() -> str:
    """The text that a receiver is given: `whsec_` and the key in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def signed_headers(good: Sequence[str], id_: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a delivery, signed with each secret that is good."""
    seconds = str(int(at.timestamp()))
    signed = f"{id_}.{seconds}.".encode() + body
    signatures = (base64.b64encode(hmac.digest(_key(one), signed, "sha256")).decode() for one in good)
    return {ID: id_, TIMESTAMP: seconds, SIGNATURE: " ".join(f"v1,{one}" for one in signatures)}


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX))
