"""Decides what a refresh token is worth: each is used once, and gives the next one of its session.

Tabs race: who brings the same token again within the grace gets the very token that the first one got. It is made of
the presented one by a key of the server, so that nothing but hashes is kept. Later, it is taken for stolen, and the
session ends for everybody who has a token of it.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody signed in on one device. `client` is how it calls itself."""

    id: UUID
    user_id: UUID
    client: str
    opened_at: datetime
    used_at: datetime
    ends_at: datetime
    revoked_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.ends_at


@dataclass(frozen=True, slots=True)
class Renewed:
    """The next token is given; this one counts as used at `at`, by whoever came first."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Reused:
    """The token was used long ago: the session is to end."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The session is over, whoever asks."""


def judge(session: Session, used_at: datetime, now: datetime, grace: timedelta) -> Renewed | Reused | Ended:
    """`used_at` is when the presented token was used first, which may be now."""
    if not session.is_open(now):
        return Ended()
    return Renewed(used_at) if now - used_at <= grace else Reused()


def successor(key: bytes, session_id: UUID, secret: bytes) -> bytes:
    """The secret of the next token, the same for the same presented one."""
    return hmac.digest(key, b"refresh\0" + session_id.bytes + secret, "sha256")


def kept(secret: bytes) -> bytes:
    """What is stored of a secret."""
    return sha256(secret).digest()
