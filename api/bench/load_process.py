"""Asks a server from a process of its own, over connections that stay open, one question at a time on each, and reports
how fast it answers.

`python -m api.bench.load_process HOST PORT SECONDS CONNECTIONS` reads one line of JSON from stdin, `authorization` and
`questions`, each a path and the body that goes with it or "", and prints one line of JSON.
"""

import json
import socket
import sys
import threading
import time
from dataclasses import asdict, dataclass
from typing import Final

_LENGTH: Final = b"content-length:"


@dataclass(frozen=True, slots=True)
class Answered:
    per_s: float
    p50_ms: float
    p99_ms: float
    answers: int


class NotAnswered(Exception):
    """The server closed the connection, or said something else than 200."""


def run(
    host: str, port: int, seconds: float, connections: int, questions: list[tuple[str, str]], authorization: str
) -> Answered:
    head = f"Host: {host}\r\nAuthorization: {authorization}\r\n"
    requests = [_request(path, head, body.encode()) for path, body in questions]
    taken: list[list[float]] = [[] for _ in range(connections)]
    until = time.perf_counter() + seconds
    threads = [
        threading.Thread(
            target=_ask,
            args=(host, port, requests[at % len(requests) :] + requests[: at % len(requests)], until, taken[at]),
        )
        for at in range(connections)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lasted = time.perf_counter() - began
    all_taken = sorted(one for mine in taken for one in mine)
    if not all_taken:
        raise NotAnswered
    p50, p99 = (all_taken[int(len(all_taken) * share)] * 1000 for share in (0.5, 0.99))
    return Answered(len(all_taken) / lasted, p50, p99, len(all_taken))


def _request(path: str, head: str, body: bytes) -> bytes:
    about = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"GET {path} HTTP/1.1\r\n{head}{about}\r\n".encode() + body


def _ask(host: str, port: int, requests: list[bytes], until: float, taken: list[float]) -> None:
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            for request in requests:
                asked = time.perf_counter()
                if asked > until:
                    return
                connection.sendall(request)
                _read(connection)
                taken.append(time.perf_counter() - asked)


def _read(connection: socket.socket) -> None:
    """One whole answer."""
    got = connection.recv(65536)
    while b"\r\n\r\n" not in got:
        got += _more(connection)
    head, _, body = got.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise NotAnswered(head.decode(errors="replace"))
    lines = head.lower().split(b"\r\n")
    length = int(next(line for line in lines if line.startswith(_LENGTH)).removeprefix(_LENGTH))
    left = length - len(body)
    while left > 0:
        left -= len(_more(connection))


def _more(connection: socket.socket) -> bytes:
    got = connection.recv(65536)
    if not got:
        raise NotAnswered
    return got


def main(arguments: list[str]) -> None:
    host, port, seconds, connections = arguments
    asked = json.load(sys.stdin)
    answered = run(host, int(port), float(seconds), int(connections), asked["questions"], asked["authorization"])
    sys.stdout.write(json.dumps(asdict(answered)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
