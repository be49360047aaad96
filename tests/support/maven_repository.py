"""A repository of jars on this machine, which counts what is asked of it and fails as it is told."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event
from typing import Literal

from jgo.maven import MavenContext

from ops.local.jar_lock import Jar
from ops.local.maven_jars import Repository
from tests.support.http_server import address, http_server

Fault = Literal["unavailable", "cut off", "damaged"]
HELD_S = 20.0


@dataclass(slots=True)
class Shelf:
    """`faults` are what the next answers suffer from, for each jar's file name; `opened` lets answers go."""

    url: str
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    opened: Event = field(default_factory=Event)

    @property
    def repository(self) -> Repository:
        return repository_at(self.url)


def repository_at(url: str) -> Repository:
    return partial(_context, url)


def _context(url: str, cache: Path) -> MavenContext:
    return MavenContext(repo_cache=cache, remote_repos={"here": url}, timeout=HELD_S)


def content_of(file_name: str) -> bytes:
    return file_name.encode() * 20_000


def jar(name: str) -> Jar:
    plain = Jar("kafka", "org.example", name, "1.0", "", "")
    return Jar("kafka", "org.example", name, "1.0", "", hashlib.sha256(content_of(plain.file_name)).hexdigest())


@contextmanager
def open_shelf() -> Iterator[Shelf]:
    with http_server(BaseHTTPRequestHandler) as server:
        shelf = Shelf(address(server))
        shelf.opened.set()
        server.RequestHandlerClass = _handler(shelf)
        yield shelf


def _handler(shelf: Shelf) -> "Callable[..., BaseHTTPRequestHandler]":
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            if not name.endswith(".jar"):
                self.send_error(404)
                return
            shelf.asked[name] += 1
            shelf.opened.wait(HELD_S)
            faults = shelf.faults.get(name, [])
            self._answer(content_of(name), faults.pop(0) if faults else None)

        def _answer(self, content: bytes, fault: Fault | None) -> None:
            if fault == "unavailable":
                self.send_error(503)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            match fault:
                case "cut off":
                    self.wfile.write(content[: len(content) // 2])
                case "damaged":
                    self.wfile.write(b"?" * len(content))
                case _:
                    self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
