"""One connection of a client: how large the head of a request may be, how slow the client, and how it ends.

A client has `request_s` seconds to send a request and as long to take the answer, and may be silent for `idle_s` of
them. When there are `most` connections, the one that has kept us waiting longest makes room for the next.
"""

import asyncio
import time
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.http.server import refusals
from api.http.server.refusals import HttpRefusal
from ops.metrics import HTTP_CONNECTIONS, HTTP_REJECTED

LONGEST_ADDRESS: Final = 16 * 1024
LARGEST_HEAD: Final = 64 * 1024
MOST_HEADERS: Final = 100
#: At the end of the process: how long a connection without a request stays, so that none is lost on its way here.
DRAINING_S: Final = 2.0
_NO_CLASS: Final = "none"


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    request_s: float
    idle_s: float
    most: int


class Phase(Enum):
    IDLE = "idle"
    ARRIVING = "arriving"
    ANSWERING = "answering"
    LEAVING = "leaving"


class _Refused(Exception):
    """Raised inside of the parser, which then stops."""


class Connection(HttpToolsProtocol):
    """As uvicorn has it, with limits. `patience` is set when the process starts."""

    patience = ConnectionLimits(request_s=60, idle_s=15, most=1000)
    _sweeping: "asyncio.Task[None] | None" = None

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._phase = Phase.IDLE
        self.since_s = self._moved_s = time.monotonic()
        self._head_bytes = self._header_bytes = self._left_bytes = 0
        self._why: HttpRefusal | None = None
        self._draining = False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if Connection._sweeping is None:
            Connection._sweeping = self.loop.create_task(_sweep(self.connections))
        HTTP_CONNECTIONS.inc()
        if len(self.connections) > self.patience.most:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        HTTP_CONNECTIONS.dec()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        self._moved_s = time.monotonic()
        if self._phase is Phase.IDLE:
            self._enter(Phase.ARRIVING)
            self._head_bytes = 0
        if self.headers_pending or self._phase is Phase.ANSWERING:
            self._head_bytes += len(data)
            if self._phase is Phase.ANSWERING and self._head_bytes > LARGEST_HEAD:
                self.flow.pause_reading()  # until the request before it is answered
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.cycle.keep_alive = False  # the request counts as it is; what follows is another protocol
        except httptools.HttpParserInvalidMethodError:
            self.refuse(refusals.UNKNOWN_METHOD)
        except httptools.HttpParserError:
            self.refuse(self._why or refusals.MALFORMED)
        else:
            if self.headers_pending and self._head_bytes > LARGEST_HEAD:
                self.refuse(refusals.HEADERS_TOO_LARGE)

    @property
    def headers_pending(self) -> bool:
        """Whether a head is on its way, or none has begun."""
        return self._phase is Phase.ARRIVING and (self.cycle is None or self.cycle.response_complete)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._header_bytes = 0

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > LONGEST_ADDRESS:
            self._stop(refusals.ADDRESS_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._header_bytes += len(name) + len(value)
        if len(self.headers) > MOST_HEADERS or self._header_bytes > LARGEST_HEAD:
            self._stop(refusals.HEADERS_TOO_LARGE)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        if self._draining and self.cycle is not None:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._enter(Phase.ANSWERING)

    def on_response_complete(self) -> None:
        waiting = bool(self.pipeline)
        super().on_response_complete()
        if not self.transport.is_closing() and self._left() == 0:
            self._enter(Phase.ANSWERING if waiting else Phase.IDLE)
        else:
            self._left_bytes = self._left()
            self._enter(Phase.LEAVING)

    def shutdown(self) -> None:
        """The process is about to end. A request that is on its way here is still answered, as the last one."""
        self._draining = True
        self.app.end_soon()
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False
        else:
            self.loop.call_later(DRAINING_S, self._close_if_idle)

    def check(self, now_s: float) -> None:
        """Ends it when the client is too slow. Called every second."""
        silent_s, whole_s = now_s - self._moved_s, now_s - self.since_s
        late = silent_s > self.patience.idle_s or whole_s > self.patience.request_s
        match self._phase:
            case Phase.ARRIVING if late:
                self.refuse(refusals.TOO_SLOW)
            case Phase.IDLE if self.cycle is None and late:
                self.transport.abort()
            case Phase.LEAVING:
                self._check_leaving(now_s, late)
            case _:
                pass

    def refuse(self, refusal: HttpRefusal) -> None:
        """Answers without the application, and closes."""
        HTTP_REJECTED.labels(_NO_CLASS, refusal.reason).inc()
        begun = self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete
        if self.transport.is_closing():
            return
        if not begun:
            made = refusals.answer(refusal)
            lines = [b"%b: %b\r\n" % pair for pair in made.headers]
            length = b"content-length: %d\r\nconnection: close\r\n\r\n" % len(made.body)
            self.transport.write(b"".join((STATUS_LINE[made.status], *lines, length, made.body)))
        self._enter(Phase.LEAVING)
        self._left_bytes = self._left()
        self.transport.close()

    def _check_leaving(self, now_s: float, late: bool) -> None:
        left = self._left()
        if left < self._left_bytes:
            self._left_bytes, self._moved_s = left, now_s
        if left and late:
            HTTP_REJECTED.labels(_NO_CLASS, refusals.TOO_SLOW.reason).inc()
            self.transport.abort()
        elif not left and not self.transport.is_closing():
            self._enter(Phase.IDLE)

    def _make_room(self) -> None:
        """Whoever is being answered stays; of the others the one goes that has been here longest without a result."""
        others = (one for one in self.connections if isinstance(one, Connection) and one is not self)
        slowest = min((one for one in others if one.is_in_the_way), key=lambda one: one.since_s, default=self)
        HTTP_REJECTED.labels(_NO_CLASS, refusals.TOO_MANY_CONNECTIONS.reason).inc()
        if slowest is self:
            self.refuse(refusals.TOO_MANY_CONNECTIONS)
        else:
            slowest.transport.abort()

    @property
    def is_in_the_way(self) -> bool:
        return self._phase is not Phase.ANSWERING and not self.transport.is_closing()

    def _close_if_idle(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        self.since_s = self._moved_s = time.monotonic()

    def _left(self) -> int:
        return int(self.transport.get_write_buffer_size())

    def _stop(self, refusal: HttpRefusal) -> None:
        self._why = refusal
        raise _Refused


async def _sweep(connections: Collection[Any]) -> None:
    while True:
        await asyncio.sleep(1)
        now_s = time.monotonic()
        for connection in list(connections):
            connection.check(now_s)
