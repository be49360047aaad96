"""A schema registry over HTTP, for feeds that run without the API."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from tests.support.examples import EverySchema
from tests.support.http_server import address, http_server


class _Handler(BaseHTTPRequestHandler):
    schemas: EverySchema

    def do_GET(self) -> None:  # the name http.server calls
        text = self.schemas.text_of(int(self.path.rpartition("/")[2]))
        body = json.dumps({"schema": text} if text else {"error_code": 40403, "message": "Schema not found"}).encode()
        self.send_response(200 if text else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002


@contextmanager
def registry(schemas: EverySchema) -> Iterator[str]:
    """Its URL."""
    handler = type("Handler", (_Handler,), {"schemas": schemas})
    with http_server(handler) as server:
        yield address(server)
