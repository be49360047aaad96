"""A sliding window: what was counted in this window, and of the one before it the part that is not over yet.

It costs the same at any quota, and lets nobody have two quotas at the edge between two windows.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """`left_s` is how long this window still lasts."""

    length_s: float
    before: int
    now: int
    left_s: float

    @property
    def used(self) -> int:
        return int(self.before * self.left_s / self.length_s) + self.now

    def has_room(self, cost: int, amount: int) -> bool:
        return self.used + cost <= amount

    def room_in_s(self, cost: int, amount: int) -> float:
        """When there is room again, if nobody else takes it."""
        if self.has_room(cost, amount):
            return 0.0
        room = amount - cost + 1  # that much must be used at least for one to be refused
        if self.now < room:  # enough of the window before has to go by
            return max(0.0, self.left_s - room_s(room - self.now, self.before, self.length_s))
        return self.left_s + self.length_s - room_s(room, self.now, self.length_s)


def room_s(room: int, counted: int, length_s: float) -> float:
    """How much of a window may be left so that less than `room` of what it counted still counts."""
    return max(0.0, room * length_s / counted) if counted else length_s
