"""Keeps requests whose receipts are not visible yet: without a thread, not too many, asked for all at once.

One question a moment to each read model, about everything that anybody here waits for, however many they are.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Protocol

from api.http.server.request_state import Waited, Wish
from ops.metrics import HTTP_WAITING
from sinks.sink import Unavailable
from sinks.wanted_version import Wanted

_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 0.25
_MOST_AT_ONCE: Final = 1000


class Shows(Protocol):
    def shown(self, wanted: Collection[Wanted]) -> Collection[Wanted]:
        """Those that readers see, in this version or a newer one. Raises `Unavailable`."""


@dataclass(eq=False, slots=True)
class _Waiter:
    missing: set[Wanted]
    seen: asyncio.Event


class WaitingRoom:
    """To be made and used in the event loop. `most` in all, `most_each` of one actor of one shop."""

    def __init__(
        self, models: Mapping[str, Shows], *, most: int, most_each: int, begin_thread: Callable[[], object]
    ) -> None:
        self._most = most
        self._most_each = most_each
        self._by_actor: Counter[str] = Counter()
        self._askers = {name: _Asker(model, begin_thread) for name, model in models.items()}
        self._closing = asyncio.Event()
        HTTP_WAITING.set(0)

    async def wait(self, wish: Wish) -> Waited:
        if self._by_actor.total() >= self._most or self._by_actor[wish.who] >= self._most_each:
            return Waited.TOO_MANY
        self._by_actor[wish.who] += 1
        HTTP_WAITING.inc()
        try:
            return await self._until_shown(wish)
        finally:
            HTTP_WAITING.dec()
            self._by_actor[wish.who] -= 1
            if not self._by_actor[wish.who]:
                del self._by_actor[wish.who]

    def send_away(self) -> None:
        """Who waits is told that it was in vain: the process is about to end."""
        self._closing.set()
        for asker in self._askers.values():
            asker.wake_all()

    def close(self) -> None:
        for asker in self._askers.values():
            asker.close()

    async def _until_shown(self, wish: Wish) -> Waited:
        asker = self._askers[wish.model]
        waiter = asker.enter(wish.wanted)
        try:
            async with asyncio.timeout(wish.longest_s):
                if not self._closing.is_set():
                    await waiter.seen.wait()
        except TimeoutError:
            return Waited.IN_VAIN
        finally:
            asker.leave(waiter)
        return Waited.IN_VAIN if waiter.missing else Waited.SHOWN


class _Asker:
    """Asks one read model for all who wait for it, for as long as somebody does."""

    def __init__(self, model: Shows, begin_thread: Callable[[], object]) -> None:
        self._model = model
        self._thread = ThreadPoolExecutor(1, "rustok-receipts", initializer=begin_thread)
        self._waiters: set[_Waiter] = set()
        self._somebody_new = asyncio.Event()
        self._asking: asyncio.Task[None] | None = None

    def enter(self, wanted: Collection[Wanted]) -> _Waiter:
        waiter = _Waiter(set(wanted), asyncio.Event())
        self._waiters.add(waiter)
        self._somebody_new.set()
        if self._asking is None or self._asking.done():
            self._asking = asyncio.get_running_loop().create_task(self._ask_on())
        return waiter

    def leave(self, waiter: _Waiter) -> None:
        self._waiters.discard(waiter)

    def wake_all(self) -> None:
        for waiter in self._waiters:
            waiter.seen.set()

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _ask_on(self) -> None:
        pause = _FIRST_PAUSE_S
        while self._waiters:
            if self._somebody_new.is_set():
                self._somebody_new.clear()
                pause = _FIRST_PAUSE_S
            await self._ask_once()
            try:
                async with asyncio.timeout(pause):
                    await self._somebody_new.wait()
            except TimeoutError:
                pause = min(pause * 1.5, _LONGEST_PAUSE_S)

    async def _ask_once(self) -> None:
        wanted = list(set().union(*(waiter.missing for waiter in self._waiters)))
        loop = asyncio.get_running_loop()
        for start in range(0, len(wanted), _MOST_AT_ONCE):
            part = wanted[start : start + _MOST_AT_ONCE]
            try:
                shown = await loop.run_in_executor(self._thread, self._model.shown, part)
            except Unavailable:
                return  # it may answer before their time is over
            for waiter in self._waiters:
                waiter.missing.difference_update(shown)
                if not waiter.missing:
                    waiter.seen.set()
