"""Finds the position that may be confirmed: the end of the longest prefix of the stream that Kafka has acknowledged.

What is read is cut into stretches. A stretch counts the records that are not acknowledged yet and remembers the newest
position at which nothing before it is missing: the end of a transaction, or of a keepalive between transactions. A
stretch that is closed and owes nothing may be left behind, together with its position, once all earlier ones were.
A transaction can be longer than a stretch: then the stretches without its end have no position of their own.
"""

from collections import deque
from dataclasses import dataclass


class NotDelivered(Exception):
    """Kafka refused a record. Whoever reads must stop: the slot sends again all that was not confirmed."""


class Stretch:
    __slots__ = ("committed_at", "end", "records", "unacknowledged")

    def __init__(self) -> None:
        self.records = 0
        self.unacknowledged = 0
        self.end = 0
        self.committed_at = 0

    def acknowledged(self, error: object, _record: object) -> None:
        """The delivery callback of every record in the stretch."""
        if error is not None:
            raise NotDelivered(error)
        self.unacknowledged -= 1


@dataclass(frozen=True, slots=True)
class Position:
    """All before `end` is in Kafka; the newest transaction of it was committed at `committed_at` (µs; 0: none yet)."""

    end: int
    committed_at: int


class Progress:
    """`records`: how many were acknowledged in all."""

    def __init__(self) -> None:
        self.records = 0
        self._position = Position(0, 0)
        self._closed: deque[Stretch] = deque()
        self._open = Stretch()

    @property
    def position(self) -> Position:
        return self._position

    @property
    def pending(self) -> bool:
        return bool(self._closed)

    def open(self) -> Stretch:
        """The stretch to count in until the next `close`."""
        return self._open

    def close(self) -> None:
        """What was read until now is handed over; call it before delivery callbacks are served."""
        stretch = self._open
        if stretch.records or stretch.end:
            stretch.unacknowledged += stretch.records
            self._closed.append(stretch)
            self._open = Stretch()

    def settle(self) -> bool:
        """Leaves behind what has been acknowledged. Whether there was any."""
        end, committed_at = self._position.end, self._position.committed_at
        settled = False
        while self._closed and not self._closed[0].unacknowledged:
            stretch = self._closed.popleft()
            self.records += stretch.records
            end = max(end, stretch.end)
            committed_at = max(committed_at, stretch.committed_at)
            settled = True
        if settled:
            self._position = Position(end, committed_at)
        return settled
