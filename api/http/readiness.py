"""Whether what we need answers, asked by us and not by every probe: once a second at most, one at a time, in between.

A check that hangs hangs alone: who asks meanwhile is told at once that it does not answer.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from api.store.errors import StoreDown
from sinks.sink import Unavailable

_MOST_CHECKS: Final = 8
_ANSWER_S: Final = 1.5


@dataclass(frozen=True, slots=True)
class CheckResult:
    """`detail` is what is so, for people."""

    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class _Asked:
    at_s: float
    found: "Future[CheckResult]"


class Readiness:
    """Safe to share between threads. What was found is good for `kept_s`."""

    def __init__(self, kept_s: float = 0.0, now_s: Callable[[], float] = time.monotonic) -> None:
        self._kept_s = kept_s
        self._now_s = now_s
        self._lock = threading.Lock()
        self._asked: dict[str, _Asked] = {}
        self._pool = ThreadPoolExecutor(_MOST_CHECKS, "rustok-readiness")

    def check(self, name: str, ask: Callable[[], object]) -> CheckResult:
        """What was found the last time, or is found in a moment."""
        with self._lock:
            asked = self._asked.get(name)
            if asked is None or (asked.found.done() and self._now_s() - asked.at_s >= self._kept_s):
                asked = self._asked[name] = _Asked(self._now_s(), self._pool.submit(_find, ask))
        try:
            return asked.found.result(max(0.0, asked.at_s + _ANSWER_S - self._now_s()))
        except TimeoutError:
            return CheckResult(ok=False, detail=f"has not answered for {self._now_s() - asked.at_s:.1f} s")

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _find(ask: Callable[[], object]) -> CheckResult:
    try:
        ask()
    except (StoreDown, Unavailable) as down:
        return CheckResult(ok=False, detail=str(down))
    return CheckResult(ok=True, detail="is well")
