"""Makes what people bring to show who they are without a token: refresh tokens, and what is in a mailed link.

Each names its tenant and carries a secret of 256 bits; only the hash of the secret is kept.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass, field
from typing import Final, Literal
from uuid import UUID

from api.domain.refresh_rotation import SECRET_BYTES, kept

Kind = Literal["rtr", "rtl"]
REFRESH: Final[Kind] = "rtr"
LINK: Final[Kind] = "rtl"
_UUID_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class BearerSecret:
    """`tenant_id` is nobody's for the platform's own people."""

    kind: Kind
    tenant_id: UUID
    secret: bytes = field(repr=False)

    @property
    def text(self) -> str:
        return f"{self.kind}_{urlsafe_b64encode(self.tenant_id.bytes + self.secret).decode()}"

    @property
    def hash(self) -> bytes:
        return kept(self.secret)


def make(kind: Kind, tenant_id: UUID) -> BearerSecret:
    return BearerSecret(kind, tenant_id, secrets.token_bytes(SECRET_BYTES))


def read(kind: Kind, text: str) -> BearerSecret | None:
    """None for what cannot be one."""
    prefix, _, encoded = text.partition("_")
    try:
        given = urlsafe_b64decode(encoded.encode("ascii"))
    except (Error, UnicodeEncodeError, ValueError):
        return None
    if prefix != kind or len(given) != _UUID_BYTES + SECRET_BYTES:
        return None
    return BearerSecret(kind, UUID(bytes=given[:_UUID_BYTES]), given[_UUID_BYTES:])
