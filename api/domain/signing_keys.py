"""Says which key signs access tokens at a moment and which are believed, so that keys change without a refused request.

A key is published as soon as it is made. It signs from `signs_from` until the next one does, and is believed until the
last token that it can have signed is over. Nothing of this is written down: it follows from the keys there are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

#: No token of ours is good for longer.
LONGEST_TOKEN: Final = timedelta(hours=24)
#: How long before it signs a key is published: longer than anybody keeps the set of published keys.
PUBLISHED_BEFORE: Final = timedelta(minutes=10)
#: The same for one that is wanted at once: longer than a process keeps from asking for a key that it misses.
PUBLISHED_BEFORE_IN_HASTE: Final = timedelta(seconds=3)
#: What clocks may differ by, and what a process may be late to hear of a change.
_SKEW: Final = timedelta(minutes=5)


class KeyState(StrEnum):
    """`next`: published, and signs later. `over`: no token of it can be good any more. `retired`: withdrawn by hand."""

    NEXT = "next"
    SIGNS = "signs"
    VERIFIES = "verifies"
    OVER = "over"
    RETIRED = "retired"


BELIEVED: Final = frozenset({KeyState.NEXT, KeyState.SIGNS, KeyState.VERIFIES})


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A pair of Ed25519. `public` is its 32 bytes, `sealed` the private half as it is kept; None when destroyed."""

    kid: str
    public: bytes
    sealed: bytes | None
    made_at: datetime
    signs_from: datetime
    retired_at: datetime | None = None


def signer(keys: Iterable[SigningKey], now: datetime) -> SigningKey | None:
    """The newest that may sign already."""
    begun = [key for key in keys if key.retired_at is None and key.signs_from <= now]
    return max(begun, key=_age, default=None)


def believed_until(key: SigningKey, keys: Iterable[SigningKey]) -> datetime | None:
    """None: as long as no other follows."""
    later = [one.signs_from for one in keys if one.retired_at is None and _age(one) > _age(key)]
    return min(later) + LONGEST_TOKEN + _SKEW if later else None


def state_of(key: SigningKey, keys: Sequence[SigningKey], now: datetime) -> KeyState:
    if key.retired_at is not None:
        return KeyState.RETIRED
    until = believed_until(key, keys)
    if until is not None and until <= now:
        return KeyState.OVER
    if key.signs_from > now:
        return KeyState.NEXT
    return KeyState.SIGNS if key == signer(keys, now) else KeyState.VERIFIES


def believed(keys: Sequence[SigningKey], now: datetime) -> tuple[SigningKey, ...]:
    """Those whose tokens are good, which are those that are published."""
    return tuple(key for key in keys if state_of(key, keys, now) in BELIEVED)


def _age(key: SigningKey) -> tuple[datetime, datetime, str]:
    return key.signs_from, key.made_at, key.kid
