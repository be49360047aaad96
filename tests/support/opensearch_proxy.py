"""OpenSearch behind a door at which a test can stand: it sees every request before it is done, and after.

For one client at a time: what a process asks from several threads comes in turn.
"""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Literal
from urllib.parse import urlsplit

from tests.support.http_server import address, http_server

When = Literal["before", "after"]
#: A sign of the document in which an index says how far it has come.
STATE = b'"_id":"store"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    when: When
    method: str
    path: str
    body: bytes

    @property
    def writes_documents(self) -> bool:
        return self.path.startswith("/_bulk") and STATE not in self.body

    @property
    def writes_the_position(self) -> bool:
        return self.path.startswith("/_bulk") and STATE in self.body


@contextmanager
def standing_before(opensearch_url: str, look: Callable[[Asked], object]) -> Iterator[str]:
    """Gives the address to ask at. `look` is called before each request goes on, and before its answer goes back; bytes
    that it returns then go back instead."""
    there, turn = urlsplit(opensearch_url), threading.Lock()

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with turn:
                look(Asked(when="before", method=self.command, path=self.path, body=body))
                onward = http.client.HTTPConnection(there.hostname or "", there.port, timeout=60)
                onward.request(self.command, self.path, body, dict(self.headers))
                answer = onward.getresponse()
                said = answer.read()
                instead = look(Asked(when="after", method=self.command, path=self.path, body=body))
                said = instead if isinstance(instead, bytes) else said
            onward.close()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else said)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = pass_on  # noqa: N815  # the names the server looks for

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:  # whoever asked was killed
                return

    with http_server(Door) as server:
        yield address(server)
