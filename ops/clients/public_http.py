"""Sends a request to a URL that strangers gave us: to a public address, within a stated time, and nowhere else.

Names are resolved here, once, and the connection is made to an address that was looked at: what the name says a moment
later does not matter. Redirects are not followed, of an answer nothing but its head is read, no proxy is asked.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

import httpcore
import httpx

from ops.clients.public_addresses import NotAllowed, PrivateHosts, target_of

Resolve = Callable[[str, int], Sequence[str]]
#: Far more than the head of any answer that says something to us.
_MOST_READ: Final = 64 * 1024
_RETRY_AFTER: Final = b"retry-after"


class NoAnswer(Exception):
    """Nobody answered, or not as one who speaks HTTP does; the text is for whoever owns the URL."""


class TooSlow(NoAnswer):
    """Not within the time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`retry_after` is the header as it came."""

    status: int
    retry_after: str = ""


def addresses_of(host: str, port: int) -> Sequence[str]:
    """What the name says now. Raises `OSError`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class PublicHttp:
    """May be used by several threads at once; keeps no connection."""

    def __init__(
        self, private: PrivateHosts, within_s: float, ca: Path | None = None, resolve: Resolve = addresses_of
    ) -> None:
        self._private = private
        self._within_s = within_s
        self._tls = ssl.create_default_context(cafile=str(ca)) if ca else httpx.create_ssl_context()
        self._resolve = resolve

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Raises `NotAllowed` for where it may not go, and `NoAnswer`."""
        target = target_of(url, self._private)
        backend = _CheckedBackend(self._private, self._resolve, time.monotonic() + self._within_s)
        request = httpcore.Request(
            "POST",
            httpcore.URL(
                scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode()
            ),
            headers=[
                ("Host", target.authority),
                ("Content-Length", str(len(body))),
                ("Connection", "close"),
                *headers.items(),
            ],
            content=body,
        )
        try:
            with httpcore.ConnectionPool(ssl_context=self._tls, network_backend=backend, retries=0) as pool:
                answer = pool.handle_request(request)
                try:
                    return _told(answer)
                finally:
                    answer.close()
        except httpcore.TimeoutException as slow:
            raise TooSlow(f"no answer within {self._within_s:g} s") from slow
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as wrong:
            raise NoAnswer(_words(wrong)) from wrong


def _told(answer: httpcore.Response) -> Answer:
    after = next((value for name, value in answer.headers if name.lower() == _RETRY_AFTER), b"")
    return Answer(answer.status, after[:100].decode("ascii", errors="replace"))


def _words(wrong: Exception) -> str:
    """Of ours as far as can be: what a stranger's server says may be anything."""
    cause: BaseException = wrong
    while (before := cause.__cause__ or cause.__context__) is not None:
        cause = before
    match cause:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not good: {cause.verify_message}"[:200]
        case ssl.SSLError():
            return f"TLS failed: {cause.reason or 'it does not speak TLS'}"[:200]
        case socket.gaierror():
            return "its name has no address"
        case ConnectionRefusedError():
            return "the connection was refused"
    return f"the connection broke: {type(cause).__name__}"


class _CheckedBackend(httpcore.NetworkBackend):
    """Connects to what may be reached, and gives up when the time is over."""

    def __init__(self, private: PrivateHosts, resolve: Resolve, until: float) -> None:
        self._private = private
        self._resolve = resolve
        self._until = until
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as unknown:
            raise httpcore.ConnectError(str(unknown)) from socket.gaierror()
        # A scope (`fe80::1%eth0`) is of link-local addresses only, which are not public anyway.
        allowed = [one for one in found if self._private.allow(host, ip_address(one))]
        if not allowed:
            raise NotAllowed("Nothing is sent to private addresses.")
        for number, address in enumerate(allowed, start=1):
            # Each gets its share of the time that is left, so that one that does not answer leaves some to the next.
            share = _left(self._until) / (len(allowed) - number + 1)
            try:
                made = self._sockets.connect_tcp(address, port, share, socket_options=socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(allowed):
                    raise
            else:
                return _TimedStream(made, self._until)
        raise AssertionError("the last one either connects or raises")


class _TimedStream(httpcore.NetworkStream):
    """Gives up at a moment, however little by little the other side speaks, and after so many bytes."""

    def __init__(self, inner: httpcore.NetworkStream, until: float) -> None:
        self._inner = inner
        self._until = until
        self._read = 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._read >= _MOST_READ:
            raise httpcore.RemoteProtocolError("its head is too long")
        found = self._inner.read(min(max_bytes, _MOST_READ - self._read), _left(self._until))
        self._read += len(found)
        return found

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Not by the stream's own: that begins to wait anew with each byte that somebody takes."""
        sock, left = self._inner.get_extra_info("socket"), memoryview(buffer)
        try:
            while left:
                sock.settimeout(_left(self._until))
                left = left[sock.send(left) :]
        except TimeoutError as slow:
            raise httpcore.WriteTimeout("the time is over") from slow
        except OSError as wrong:
            raise httpcore.WriteError(str(wrong)) from wrong

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, _left(self._until)), self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(until: float) -> float:
    """Seconds. Raises `ReadTimeout` when there are none."""
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time is over")
    return left
