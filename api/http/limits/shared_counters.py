"""Counts in Valkey or Redis, for all workers on all hosts together, by the clock of that server.

A counter is one hash that ends by itself. A call has a quarter of a second; when a few have failed in a row nobody asks
for a moment.
"""

import time
from collections.abc import Callable
from typing import Any, Final

import structlog
from valkey.exceptions import ValkeyError

from api.http.limits.window import Window
from api.store.errors import StoreDown
from ops.circuit_breaker import Breaker
from ops.clients import valkey

NEIGHBOUR: Final = "limits"
ANSWER_S: Final = 0.25
_PREFIX: Final = "rustok:limit:"
#: The same arithmetic as in `Window`.
_HIT: Final = """
local amount, length, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local ms = clock[1] * 1000 + math.floor(clock[2] / 1000)
local number = math.floor(ms / length)
local left = (number + 1) * length - ms
local kept = redis.call('HMGET', KEYS[1], 'number', 'before', 'now')
local last, before, now = tonumber(kept[1]) or number, tonumber(kept[2]) or 0, tonumber(kept[3]) or 0
if last ~= number then
  before = (last == number - 1) and now or 0
  now = 0
end
local fits = 0
if math.floor(before * left / length) + now + cost <= amount then
  fits = 1
  now = now + cost
  redis.call('HSET', KEYS[1], 'number', number, 'before', before, 'now', now)
  redis.call('PEXPIRE', KEYS[1], left + length)
end
return {fits, before, now, left}
"""
_log = structlog.get_logger(__name__)


class CountersDown(StoreDown):
    """The store of counters does not answer."""


class SharedCounters:
    """`url` is `valkey://…`, `redis://…`, with an `s` for TLS. Everything raises `CountersDown`."""

    def __init__(self, url: str, now_s: Callable[[], float] = time.monotonic) -> None:
        self._client = valkey.connect(url, answer_s=ANSWER_S)
        self._hit = self._client.register_script(_HIT)
        self._breaker = Breaker(NEIGHBOUR, now_s)
        self._silent = False

    def hit(self, key: str, amount: int, window_s: int, cost: int) -> tuple[bool, Window]:
        told = self._ask(lambda: self._hit(keys=[_PREFIX + key], args=[amount, window_s * 1000, cost]))
        fits, before, now, left_ms = (int(number) for number in told)
        return bool(fits), Window(window_s, before, now, left_ms / 1000)

    def forget(self, key: str) -> None:
        self._ask(lambda: self._client.delete(_PREFIX + key))

    def close(self) -> None:
        self._client.close()  # type: ignore[no-untyped-call]  # valkey has no type here

    def _ask(self, question: Callable[[], Any]) -> Any:
        if not self._breaker.lets_through():
            raise CountersDown
        try:
            answer = question()
        except (ValkeyError, OSError) as failed:
            self._breaker.failed()
            if not self._silent:
                self._silent = True
                _log.warning("limits_store_silent", reason=type(failed).__name__)
            raise CountersDown from failed
        self._breaker.succeeded()
        if self._silent:
            self._silent = False
            _log.info("limits_store_back")
        return answer
