"""Writes and reads the text with which a guest shows that an order is theirs: prefix, order, secret, checksum.

    rto_<id of the order>_<43 letters and digits><6 of the checksum>

It is shown once. Of the secret, which has 256 bits, only a plain hash is kept.
"""

import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from api.domain.token_text import CHECKSUM, SECRET, checksum, new_secret

PREFIX: Final = "rto_"
#: In which it is brought: an address would be written down on the way.
HEADER: Final = "Claim-Token"
#: How long a guest can look at an order; what is delivered and came back is over by then.
GOOD_FOR: Final = timedelta(days=180)
_TEXT: Final = re.compile(rf"{PREFIX}([0-9a-f]{{32}})_([0-9A-Za-z]{{{SECRET}}})([0-9A-Za-z]{{{CHECKSUM}}})")


@dataclass(frozen=True, slots=True)
class ClaimToken:
    order_id: UUID
    secret: str = field(repr=False)

    @classmethod
    def new(cls, order_id: UUID) -> "ClaimToken":
        return cls(order_id, new_secret())

    @classmethod
    def read(cls, text: str) -> "ClaimToken | None":
        """None: it is no such text, or somebody mistyped it."""
        found = _TEXT.fullmatch(text)
        if found is None or checksum(text[:-CHECKSUM]) != found[3]:
            return None
        return cls(UUID(found[1]), found[2])

    @property
    def text(self) -> str:
        before = f"{PREFIX}{self.order_id.hex}_{self.secret}"
        return before + checksum(before)

    @property
    def hash(self) -> bytes:
        """All that is kept of the secret."""
        return sha256(self.secret.encode()).digest()


@dataclass(frozen=True, slots=True)
class KeptClaim:
    """What is kept of the newest token of an order that is nobody's yet."""

    hash: bytes
    made_at: datetime

    def is_of(self, token: ClaimToken, now: datetime) -> bool:
        return hmac.compare_digest(token.hash, self.hash) and now < self.made_at + GOOD_FOR
