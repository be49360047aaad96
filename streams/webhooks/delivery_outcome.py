"""Decides what becomes of a try: delivered, tried again later, given up, or nothing more is sent there at all."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from ops.settings import Settings

#: What a receiver asks for beyond that is not waited for.
LONGEST_ASKED: Final = timedelta(hours=24)
_GONE: Final = 410
#: Who says these speaks of all that it gets, and may say for how long.
_BUSY: Final = frozenset({429, 503})


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryTimes:
    """How long a delivery is tried, and how far apart."""

    first: timedelta
    longest: timedelta
    give_up: timedelta

    @classmethod
    def of(cls, settings: Settings) -> "RetryTimes":
        return cls(
            first=timedelta(seconds=settings.webhook_first_retry_s),
            longest=timedelta(seconds=settings.webhook_longest_retry_s),
            give_up=timedelta(hours=settings.webhook_retry_h),
        )

    def pause(self, failures: int, chance: float) -> timedelta:
        """After so many failures: twice as long each time, of which a half is left to chance (0 to 1)."""
        longest = min(self.longest, self.first * 2.0 ** min(failures - 1, 20))
        return longest * (0.5 + chance / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What happened: `status` None when nobody answered, and then `error` says why. `failures` are those before it,
    which `failed_for` so long: by the clock of the database, as all that is counted on. `once`: it is not tried again.
    """

    at: datetime
    status: int | None
    error: str = ""
    retry_after: str = ""
    failures: int = 0
    failed_for: timedelta = timedelta(0)
    once: bool = False

    @property
    def what(self) -> str:
        """For whoever owns the receiver."""
        if self.status is None:
            return self.error
        if 300 <= self.status < 400:
            return f"it answered {self.status}: redirects are not followed"
        return f"it answered {self.status}"


@dataclass(frozen=True, slots=True)
class Delivered:
    pass


@dataclass(frozen=True, slots=True)
class Again:
    """Not before so long; nothing at all goes there for as long as `paused`."""

    after: timedelta
    paused: timedelta | None = None


@dataclass(frozen=True, slots=True)
class GivenUp:
    pass


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """The receiver says that it wants nothing any more."""


Outcome = Delivered | Again | GivenUp | SwitchedOff


def outcome(tried: Tried, times: RetryTimes, chance: float | None = None) -> Outcome:
    if tried.status is not None and 200 <= tried.status < 300:
        return Delivered()
    if tried.once:
        return GivenUp()
    if tried.status == _GONE:
        return SwitchedOff()
    if tried.failures and tried.failed_for >= times.give_up:
        return GivenUp()
    share = random.random() if chance is None else chance  # noqa: S311  # spreads load, keeps no secret
    again = times.pause(tried.failures + 1, share)
    asked = _asked(tried) if tried.status in _BUSY else None
    return Again(again) if asked is None else Again(max(again, asked), paused=asked)


def _asked(tried: Tried) -> timedelta | None:
    """What `Retry-After` asks for: seconds, or a moment. None when that is nothing to wait for."""
    text = tried.retry_after.strip()
    try:
        if text.isascii() and text.isdigit() and len(text) < 10:
            asked = timedelta(seconds=int(text))
        else:
            moment = parsedate_to_datetime(text)
            asked = (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment) - tried.at
    except (ValueError, TypeError, OverflowError):
        return None
    return min(asked, LONGEST_ASKED) if asked > timedelta(0) else None
