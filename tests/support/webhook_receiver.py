"""A receiver of webhooks on this machine that answers as it is told, also badly, and keeps what it was sent."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

#: What a connection gets, and whether it was told to end.
Behaviour = Callable[[socket.socket, threading.Event], None]


@dataclass(frozen=True, slots=True)
class Got:
    """A request that arrived whole."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float

    @property
    def event(self) -> Any:
        return json.loads(self.body)

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """`answers` says for a request what to send back; by default 204."""

    port: int
    answer: Callable[[Got], bytes | Behaviour] = field(default=lambda _: status(204))
    got: list[Got] = field(default_factory=list)
    tls: bool = False

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/hook?key=1"

    def of(self, event_type: str) -> list[Got]:
        return [one for one in list(self.got) if one.event["type"] == event_type]

    def ids(self) -> list[str]:
        return [one.id for one in list(self.got)]


def status(code: int, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {code} Said", "Content-Length: 0", *headers, "", ""]).encode()


def hangs(connection: socket.socket, stopping: threading.Event) -> None:
    stopping.wait(60)


def byte_by_byte(connection: socket.socket, stopping: threading.Event) -> None:
    """It never comes to an end, and never pauses for long."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not stopping.wait(0.05):
        connection.sendall(b"x")


def gigabytes(connection: socket.socket, stopping: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 8000000000\r\n\r\n")
    while not stopping.is_set():
        connection.sendall(b"x" * 65536)


def endless_head(connection: socket.socket, stopping: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not stopping.is_set():
        connection.sendall(b"X-More: " + b"x" * 1000 + b"\r\n")


def rubbish(connection: socket.socket, stopping: threading.Event) -> None:
    connection.sendall(b"\x00\xff rubbish\r\n\r\n")


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """On a free port, until the block ends."""
    stopping = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        receiver = Receiver(listener.getsockname()[1], tls=tls is not None)

        def serve() -> None:
            while not stopping.is_set():
                with suppress(TimeoutError, OSError):
                    connection, _ = listener.accept()
                    threading.Thread(target=answer, args=(connection,), daemon=True).start()

        def answer(connection: socket.socket) -> None:
            with suppress(OSError, ValueError):
                connection.settimeout(30)
                with tls.wrap_socket(connection, server_side=True) if tls else connection as peer:
                    got = _read(peer)
                    receiver.got.append(got)
                    reply = receiver.answer(got)
                    if callable(reply):
                        reply(peer, stopping)
                    else:
                        peer.sendall(reply)

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        try:
            yield receiver
        finally:
            stopping.set()
            serving.join()


def _read(peer: socket.socket) -> Got:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(peer)
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers["content-length"]):
        body += _some(peer)
    return Got(first.split()[1], headers, body, time.monotonic())


def _some(peer: socket.socket) -> bytes:
    found = peer.recv(65536)
    if not found:
        raise ValueError("it went away")
    return found
