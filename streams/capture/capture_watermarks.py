"""Promises readers: "whoever had seen a change committed at `as_of` finds it in Kafka."

Two things are known to make that true, and the later one counts.

The server's clock and, read after it, the position its log had reached: a change that was visible at the first lies
before the second, so once all before that position is in Kafka, the promise holds for that clock. The position a
keepalive names would not do: it is how far the server has looked for us, and it may be looking at old log.

The commit time of the newest transaction in Kafka, while there is a backlog: a transaction takes its commit time
first and its place in the log after, and is visible only then. So what lies behind that transaction in the log became
visible after that time. (Its own commit time may be a little earlier; nobody had seen it committed, though.)

A position in the log may not be reached for a while on an idle server, since the last bytes written are of no commit
and so not flushed. Then the server is nudged once: asked to write and flush a few bytes.

A clock that is set back says less than was said before, and what was committed by the clock of before bears a time
that has not come yet: it promises nothing. Then `as_of` goes back, for what was promised of a moment to come is not so.

No promise holds across a gap. One that a sample does not name any more was closed after what it lacked had been said
again, so it is over when the log before that sample is in Kafka, and not sooner.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from schemas.gaps import Gap
from streams.capture.delivery_progress import Position

#: The newest commit may be so much newer than the sample that waits, which was asked for before it. In µs.
STEP: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class ClockSample:
    """The gaps that are open, the server's clock (µs since 1970), and then the end of its log."""

    at: int
    log_end: int
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Watermark:
    """All that was seen committed at `as_of` (µs since 1970) lies before `lsn`, and that is in Kafka; but for what the
    gaps lack."""

    as_of: int
    lsn: int
    gaps: tuple[Gap, ...] = ()


class Watermarks:
    """One sample at a time waits until the log before it is in Kafka; `as_of` goes back with the clock only.

    `gaps` are those that are open at the start.
    """

    def __init__(self, gaps: Collection[Gap] = ()) -> None:
        self._open = tuple(gaps)
        self._seen = self._open
        self._waiting: ClockSample | None = None
        self._nudged = False
        self._said = 0

    @property
    def waiting(self) -> bool:
        return self._waiting is not None

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Over which nothing can be promised now."""
        return (*self._seen, *(gap for gap in self._open if gap not in self._seen))

    def sampled(self, sample: ClockSample) -> None:
        self._seen = sample.gaps
        if self._waiting is None:
            self._waiting = sample
            self._nudged = False

    def nudge_due(self, position: Position) -> bool:
        """Whether the sample that waits was not reached in time; true once for a sample."""
        if self._waiting is None or self._nudged or position.end >= self._waiting.log_end:
            return False
        self._nudged = True
        return True

    def nudged(self, log_end: int) -> None:
        """The server wrote a few bytes that end there, behind all the sample that waits is about."""
        if self._waiting is not None:
            self._waiting = replace(self._waiting, log_end=log_end)

    def reached(self, position: Position) -> bool:
        """Whether the position is behind the sample that waits."""
        return self._waiting is not None and position.end >= self._waiting.log_end

    def next(self, position: Position) -> Watermark | None:
        """The watermark the position allows, if it says more than the one before."""
        as_of, sample, goes_back = position.committed_at, self._waiting, False
        if sample is not None and as_of > sample.at + STEP:
            as_of = 0  # by a clock that has been set back since
        if sample is not None and position.end >= sample.log_end:
            as_of = max(as_of, sample.at)
            goes_back = sample.at < self._said - STEP
            self._open = sample.gaps
            self._waiting = None
        if as_of <= self._said and not goes_back:
            return None
        self._said = as_of
        return Watermark(as_of, position.end, self.gaps)
