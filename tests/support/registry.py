"""A schema registry over HTTP, for feeds that run without the API."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.examples import EverySchema


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
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
