"""Limits refused records: so many in a row, or in a minute, that the fault is more likely ours.

A wrong deployment or a registry that answers for another one makes every record look bad. Then the feed waits with the
rest where it is: a deployment that is right, or an operator who says that they are bad indeed, lets it go on.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from sinks.sink import Unavailable

MINUTE_S: Final = 60.0
RETRY_S: Final = 5.0


class TooManyRefusals(Unavailable):
    """The next record would be refused like so many before it."""

    on = "refusals"


class RefusalLimit:
    """Counts what is refused, and in what order, of batches that may be offered again. `now` gives seconds."""

    def __init__(self, in_a_row: int, per_minute: int, now: Callable[[], float]) -> None:
        self._most_in_a_row = in_a_row
        self._most_per_minute = per_minute
        self._now = now
        self._run = self._run_before = 0
        self._refused_at: deque[float] = deque()
        self._tripped = False
        self._lifted_until = 0.0

    def lift(self, until: float) -> None:
        """Refuse as many as there are until that moment."""
        self._lifted_until = until

    def begin(self) -> None:
        """A batch, perhaps one that was offered before."""
        self._run = self._run_before

    def took(self) -> None:
        """A record is good."""
        self._run = 0

    def refuse(self, where: str, reason: str, *, again: bool) -> None:
        """A record is bad; `again`: it was refused when its batch was offered before. Raises `TooManyRefusals`."""
        self._run += 1
        if again:
            return
        now = self._now()
        while self._refused_at and self._refused_at[0] <= now - MINUTE_S and not self._tripped:
            self._refused_at.popleft()
        if now >= self._lifted_until:
            self._check(where, reason)
        self._refused_at.append(now)

    def done(self) -> None:
        """The batch is durable."""
        self._run_before = self._run
        self._tripped = False

    def _check(self, where: str, reason: str) -> None:
        many = (
            f"{self._run - 1} in a row"
            if self._run > self._most_in_a_row
            else f"{len(self._refused_at)} in a minute"
            if len(self._refused_at) >= self._most_per_minute
            else ""
        )
        if many:
            self._tripped = True
            raise TooManyRefusals(
                f"too many records are refused ({many}), so the fault is taken to be ours; next is {where}: {reason}",
                RETRY_S,
            )
