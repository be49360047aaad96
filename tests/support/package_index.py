"""A registry of tiny packages on this machine, which counts what is asked of it and fails as it is told."""

import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Literal

from tests.support.http_server import address, http_server

Fault = Literal["unavailable", "cut off", "damaged"]
HELD_S = 60.0


@dataclass(frozen=True, slots=True)
class Package:
    name: str
    version: str
    requires: Sequence[str] = ()
    extras: Sequence[str] = ()

    @property
    def file_name(self) -> str:
        return f"{self.name}-{self.version}-py3-none-any.whl"

    @property
    def wheel(self) -> bytes:
        info = f"{self.name}-{self.version}.dist-info"
        told = [f"Requires-Dist: {one}" for one in self.requires] + [f"Provides-Extra: {one}" for one in self.extras]
        files = {
            f"{self.name}/__init__.py": f"VERSION = '{self.version}'\n",
            f"{info}/METADATA": "\n".join(
                ["Metadata-Version: 2.1", f"Name: {self.name}", f"Version: {self.version}", *told, "", ""]
            ),
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = "".join(f"{name},,\n" for name in (*files, f"{info}/RECORD"))
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for name, text in {**files, f"{info}/RECORD": record}.items():
                archive.writestr(zipfile.ZipInfo(name), text)  # no date in it: the same bytes each time
        return content.getvalue()

    @property
    def locked(self) -> str:
        return f"{self.name}=={self.version} \\\n    --hash=sha256:{hashlib.sha256(self.wheel).hexdigest()}\n"


@dataclass(slots=True)
class Index:
    """`faults` are what the next answers suffer from, for a wheel's file name; `opened` lets wheels go."""

    url: str
    packages: list[Package] = field(default_factory=list)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    opened: Event = field(default_factory=Event)


@contextmanager
def open_index() -> Iterator[Index]:
    with http_server(BaseHTTPRequestHandler) as server:
        index = Index(f"{address(server)}/simple")
        index.opened.set()
        server.RequestHandlerClass = _handler(index)
        try:
            yield index
        finally:
            index.opened.set()


def _handler(index: Index) -> "Callable[..., BaseHTTPRequestHandler]":
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rstrip("/").rpartition("/")[2]
            wheel = next((package for package in index.packages if package.file_name == name), None)
            if wheel is None:
                links = [f'<a href="/files/{p.file_name}">{p.file_name}</a>' for p in index.packages if p.name == name]
                self._send("text/html", f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>".encode())
                return
            index.asked[name] += 1
            index.opened.wait(HELD_S)
            faults = index.faults.get(name, [])
            match faults.pop(0) if faults else None:
                case "unavailable":
                    self.send_error(503)
                case "cut off":
                    self._send("application/octet-stream", wheel.wheel, sent=100)
                case "damaged":
                    self._send("application/octet-stream", b"?" * len(wheel.wheel))
                case None:
                    self._send("application/octet-stream", wheel.wheel)

        def _send(self, kind: str, content: bytes, sent: int | None = None) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[:sent])

        def log_message(self, *_: object) -> None:
            pass

    return Handler
