"""Counts in this process alone. Who was not seen for longest is forgotten first, so the memory has an end."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from api.http.limits.window import Window

MOST: Final = 50_000


class OwnCounters:
    """`now_s` runs evenly: who sets the clock gets no second quota."""

    def __init__(self, now_s: Callable[[], float], most: int = MOST) -> None:
        self._now_s = now_s
        self._most = most
        self._lock = threading.Lock()
        self._counted: OrderedDict[str, tuple[int, int, int]] = OrderedDict()

    def hit(self, key: str, amount: int, window_s: int, cost: int) -> tuple[bool, Window]:
        """Whether it was counted, and how things are now. Nothing is counted that is over the amount."""
        now_s = self._now_s()
        number = int(now_s // window_s)
        left_s = (number + 1) * window_s - now_s
        with self._lock:
            last, before, now = self._counted.pop(key, (number, 0, 0))
            if last != number:
                before, now = (now if last == number - 1 else 0), 0
            fits = Window(window_s, before, now, left_s).has_room(cost, amount)
            now += cost if fits else 0
            if before or now:
                self._counted[key] = (number, before, now)
            if len(self._counted) > self._most:
                self._counted.popitem(last=False)
        return fits, Window(window_s, before, now, left_s)

    def forget(self, key: str) -> None:
        with self._lock:
            self._counted.pop(key, None)
