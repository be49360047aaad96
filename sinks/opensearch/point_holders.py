"""Counts who holds how many points in time, as this process knows: of one holder, of a shop, and of all.

What is read on by another process ends there, so a process that has no room left asks OpenSearch which are still there.
"""

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Holder:
    """Who reads on, in which shop."""

    tenant_id: UUID
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many one holder may hold, all of a shop, and all."""

    each: int = 4
    shop: int = 16
    all: int = 64


@dataclass(frozen=True, slots=True)
class _Held:
    """`point` is None while it is being opened."""

    holder: Holder
    until_s: float
    point: str | None = None


class PointHolders:
    """May be asked by many threads at once. `kept_s`: how long a point stays that nobody reads on."""

    def __init__(self, kept_s: float, now_s: Callable[[], float], room: Room | None = None) -> None:
        self._kept_s = kept_s
        self._now_s = now_s
        self._room = room or Room()
        self._lock = threading.Lock()
        self._held: dict[UUID, _Held] = {}

    def take(self, id: UUID, holder: Holder) -> bool:  # noqa: A002
        """Whether there is room for it."""
        now_s = self._now_s()
        with self._lock:
            self._held = {key: one for key, one in self._held.items() if one.until_s > now_s}
            holders = [one.holder for one in self._held.values()]
            fits = (
                holders.count(holder) < self._room.each
                and sum(one.tenant_id == holder.tenant_id for one in holders) < self._room.shop
                and len(holders) < self._room.all
            )
            if fits:
                self._held[id] = _Held(holder, now_s + self._kept_s)
        return fits

    def hold(self, id: UUID, holder: Holder, point: str) -> None:  # noqa: A002
        """It was opened, or read on: also one that another process opened, which is not refused for want of room."""
        with self._lock:
            self._held[id] = _Held(holder, self._now_s() + self._kept_s, point)

    def release(self, id: UUID) -> None:  # noqa: A002
        with self._lock:
            self._held.pop(id, None)

    def keep_only(self, points: Collection[str]) -> None:
        """Forgets what is not there any more."""
        with self._lock:
            self._held = {key: one for key, one in self._held.items() if one.point is None or one.point in points}
