"""The threads of one class of requests, and the short queue in front of them. Who queues costs no thread."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from api.http.server.route_classes import RouteClass
from ops.metrics import HTTP_IN_FLIGHT

T = TypeVar("T")


class Busy(Exception):
    """All threads are taken. `reason` is a value of the label of `rustok_http_rejected_total`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Bulkhead:
    """To be made and used in the event loop."""

    def __init__(self, kind: RouteClass, api_threads: int, begin_thread: Callable[[], object]) -> None:
        self.kind = kind
        self._threads = kind.threads(api_threads)
        self._free = asyncio.Semaphore(self._threads)
        self._queued = 0
        self._pool = ThreadPoolExecutor(self._threads, f"rustok-{kind.name}", initializer=begin_thread)
        self._in_flight = HTTP_IN_FLIGHT.labels(kind.name)
        self._in_flight.set(0)

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` gives, in one of the threads. Raises `Busy` instead of waiting long for one."""
        await self._take()
        self._in_flight.inc()
        try:
            # Who called may go away; the thread is free when the work is done, and not before.
            done = asyncio.get_running_loop().run_in_executor(self._pool, work)
        except RuntimeError:
            self._release(None)
            raise
        done.add_done_callback(self._release)
        return await asyncio.shield(done)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _take(self) -> None:
        if self._free.locked():
            if self._queued >= self.kind.queue:
                raise Busy("queue_full")
            self._queued += 1
            try:
                async with asyncio.timeout(self.kind.patience_s):
                    await self._free.acquire()
            except TimeoutError as late:
                raise Busy("queued_too_long") from late
            finally:
                self._queued -= 1
        else:
            await self._free.acquire()

    def _release(self, _: object) -> None:
        self._in_flight.dec()
        self._free.release()
