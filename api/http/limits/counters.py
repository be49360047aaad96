"""Counts requests against quotas: in the shared store where there is one, else in this process.

A process that counts alone has its share of each quota, as many as there are workers: together they let through no more
than the quota. While the store is away it counts alone, too; but what guards passwords is refused then.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from api.http.limits.own_counters import OwnCounters
from api.http.limits.quotas import Quota, quotas, unlimited
from api.http.limits.shared_counters import CountersDown, SharedCounters
from api.http.limits.window import Window
from ops.metrics import HTTP_COUNTED_ALONE, HTTP_OVER_QUOTA
from ops.settings import Settings

_KEPT_S: Final = 30 * 24 * 3600
_ANY_NUMBER: Final = 1_000_000_000


class Shared(Protocol):
    """All of it raises `CountersDown`."""

    def hit(self, key: str, amount: int, window_s: int, cost: int) -> tuple[bool, Window]: ...

    def forget(self, key: str) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Counted:
    """How things are after a request. `reset_s`: when there is room again, or, where there is, a new window begins."""

    quota: Quota
    fits: bool
    remaining: int
    reset_s: int


class Counters:
    """`workers` count side by side; `now_s` runs evenly."""

    def __init__(
        self,
        by_name: Mapping[str, Quota],
        *,
        shared: Shared | None = None,
        workers: int = 1,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.quotas = by_name
        self._shared = shared
        self._workers = workers
        self._own = OwnCounters(now_s)

    def hit(self, name: str, key: str) -> Counted:
        """Raises `CountersDown` where the quota needs its store, and `ValueError` for a key that names nobody."""
        if not key:
            raise ValueError(f"nobody to count against {name}")
        quota, place = self.quotas[name], f"{name}:{key}"
        if self._shared is not None:
            try:
                return _counted(quota, 1, *self._shared.hit(place, quota.amount, quota.window_s, 1))
            except CountersDown:
                if quota.needs_store:
                    raise
                HTTP_COUNTED_ALONE.inc()
        share = min(self._workers, quota.amount)
        return _counted(quota, share, *self._own.hit(place, quota.amount, quota.window_s, share))

    def forget(self, name: str, key: str) -> None:
        """As if nothing had been counted; a store that does not answer forgets by itself in time."""
        self._own.forget(f"{name}:{key}")
        if self._shared is not None:
            with suppress(CountersDown):
                self._shared.forget(f"{name}:{key}")

    def remember(self, what: str) -> None:
        """For a month at least, unless the store does not answer."""
        with suppress(CountersDown):
            self._place().hit(f"seen:{what}", _ANY_NUMBER, _KEPT_S, 1)

    def remembers(self, what: str) -> bool:
        """Raises `CountersDown`."""
        _, window = self._place().hit(f"seen:{what}", _ANY_NUMBER, _KEPT_S, 0)
        return bool(window.before or window.now)

    def close(self) -> None:
        if self._shared is not None:
            self._shared.close()

    def _place(self) -> Shared | OwnCounters:
        return self._own if self._shared is None else self._shared


def counters_of(settings: Settings) -> Counters:
    """As the settings say."""
    url = settings.limits_url.get_secret_value()
    return Counters(quotas(settings), shared=SharedCounters(url) if url else None, workers=settings.api_workers)


def no_limits() -> Counters:
    return Counters(unlimited())


def _counted(quota: Quota, cost: int, fits: bool, window: Window) -> Counted:
    if fits:
        return Counted(quota, True, max(0, quota.amount - window.used), int(window.left_s) + 1)
    HTTP_OVER_QUOTA.labels(quota.name).inc()
    return Counted(quota, False, 0, int(window.room_in_s(cost, quota.amount)) + 1)
