"""The door in front of the application: takes a request in whole, gives it a thread of its class, sends the answer.

An ASGI application around a WSGI one. A peer that sends or reads slowly costs a socket and some memory, never a thread.
`/health/live` is answered here, by the event loop itself, whatever the threads and the stores are doing.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from api.http.middleware import security_headers
from api.http.server import refusals
from api.http.server.bulkhead import Bulkhead, Busy
from api.http.server.refusals import HttpRefusal
from api.http.server.request_state import KEY, Visit, Waited, Wish
from api.http.server.route_classes import CLASSES, class_of
from api.http.server.wait_for_receipts import Shows, WaitingRoom
from api.http.server.wsgi_call import HttpAnswer, Wsgi, call, environ_of
from ops.metrics import HTTP_METHODS, HTTP_REJECTED, HTTP_REQUESTS, HTTP_SECONDS, OTHER, among

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

LIVE: Final = "/health/live"
_LIVE_BODY: Final = b'{"status":"live","checks":{}}'
_LIVE_HEADERS: Final = [
    (b"content-type", b"application/json"),
    *((name.lower().encode(), value.encode()) for name, value in security_headers.ALWAYS),
]
_BEFORE_THE_APP: Final = "unmatched"


class PeerGone(Exception):
    """The client has closed its connection."""


class Limits:
    """Of one process."""

    def __init__(self, *, threads: int, waiting: int, waiting_each: int, bodies_bytes: int) -> None:
        self.threads = threads
        self.waiting = waiting
        self.waiting_each = waiting_each
        self.bodies_bytes = bodies_bytes


class Door:
    """`close` is called when the server has stopped."""

    def __init__(
        self,
        app: Wsgi,
        models: Mapping[str, Shows],
        limits: Limits,
        *,
        begin_thread: Callable[[], object],
        close: Callable[[], None],
    ) -> None:
        self._app = app
        self._models = models
        self._limits = limits
        self._begin_thread = begin_thread
        self._close = close
        self._bulkheads: dict[str, Bulkhead] = {}
        self._room: WaitingRoom | None = None
        self._bodies_bytes = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "lifespan":
                await self._live(receive, send)
            case "http":
                try:
                    await self._serve(scope, receive, send)
                except PeerGone:
                    return

    def end_soon(self) -> None:
        """Nobody waits any longer than needed from now on."""
        if self._room is not None:
            self._room.send_away()

    async def _live(self, receive: Receive, send: Send) -> None:
        """From the start of the server to its end."""
        own = self._limits
        self._bulkheads = {one.name: Bulkhead(one, own.threads, self._begin_thread) for one in CLASSES}
        self._room = WaitingRoom(
            self._models, most=own.waiting, most_each=own.waiting_each, begin_thread=self._begin_thread
        )
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for bulkhead in self._bulkheads.values():
            bulkhead.close()
        self._room.close()
        self._close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        method, path = scope["method"], scope["path"]
        kind = class_of(method, path)
        if path == LIVE and method in ("GET", "HEAD"):
            _count(method, LIVE, HTTPStatus.OK, began)
            await _send(HttpAnswer(HTTPStatus.OK, _LIVE_HEADERS, _LIVE_BODY), send)
            return
        refused = _refusal(scope, kind.most_bytes)
        taken = 0
        try:
            body = b""
            if refused is None:
                body, taken, refused = await self._body(receive, kind.most_bytes)
            answer = None if refused else await self._answer(scope, body, began, receive)
        except Busy as busy:
            refused, answer = refusals.BUSY[busy.reason], None
        finally:
            self._bodies_bytes -= taken
        if answer is None and refused is not None:
            HTTP_REJECTED.labels(kind.name, refused.reason).inc()
            _count(method, _BEFORE_THE_APP, refused.status, began)
            answer = refusals.answer(refused, path, dict(scope["headers"]))
        if answer is not None:
            await _send(answer, send, close=refused is not None and refused.status < HTTPStatus.INTERNAL_SERVER_ERROR)

    async def _body(self, receive: Receive, most_bytes: int) -> tuple[bytes, int, HttpRefusal | None]:
        """All of it, and how many bytes of it are counted as held. Raises `PeerGone`."""
        parts = bytearray()
        try:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise PeerGone
                part = message.get("body", b"")
                parts += part
                self._bodies_bytes += len(part)
                if len(parts) > most_bytes:
                    return b"", len(parts), refusals.BODY_TOO_LARGE
                if self._bodies_bytes > self._limits.bodies_bytes:
                    return b"", len(parts), refusals.NO_MEMORY
                if not message.get("more_body", False):
                    return bytes(parts), len(parts), None
        except BaseException:
            self._bodies_bytes -= len(parts)
            raise

    async def _answer(self, scope: Message, body: bytes, began: float, receive: Receive) -> HttpAnswer:
        visit = Visit(began)
        answer = await self._call(scope, body, visit)
        if visit.wish is not None and self._room is not None:
            again = Visit(began, waited=await _while_there(self._room.wait, visit.wish, receive), quota=visit.quota)
            answer = await self._call(scope, body, again)
        return answer

    async def _call(self, scope: Message, body: bytes, visit: Visit) -> HttpAnswer:
        environ = environ_of(scope, body)
        environ[KEY] = visit
        return await self._bulkheads[class_of(scope["method"], scope["path"]).name].run(
            partial(call, self._app, environ)
        )


async def _while_there(wait: Callable[[Wish], Awaitable[Waited]], wish: Wish, receive: Receive) -> Waited:
    """Raises `PeerGone` when the client does not wait any longer."""
    waiting = asyncio.ensure_future(wait(wish))
    gone = asyncio.ensure_future(receive())
    try:
        await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            raise PeerGone
        return waiting.result()
    finally:
        for one in (waiting, gone):
            one.cancel()


def _refusal(scope: Message, most_bytes: int) -> HttpRefusal | None:
    """What the head of the request alone is refused for."""
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    if scope["method"] not in HTTP_METHODS:
        return refusals.UNKNOWN_METHOD
    if len(hosts) > 1 or (not hosts and scope["http_version"] == "1.1"):
        return refusals.NO_HOST
    if lengths and int(lengths[0]) > most_bytes:
        return refusals.BODY_TOO_LARGE
    return None


def _count(method: str, route: str, status: int, began: float) -> None:
    labels = (among(HTTP_METHODS, method) if method != OTHER else OTHER, route, str(int(status)))
    HTTP_REQUESTS.labels(*labels).inc()
    HTTP_SECONDS.labels(*labels).observe(time.perf_counter() - began)


async def _send(answer: HttpAnswer, send: Send, *, close: bool = False) -> None:
    headers = list(answer.headers)
    if not answer.of_head and answer.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        headers.append((b"content-length", str(len(answer.body)).encode()))
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
