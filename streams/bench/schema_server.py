"""Serves the feeds of a benchmark the schema behind an id, over HTTP as any registry does."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from schemas import avro_schema

_NUMBERED: Final = list(enumerate(avro_schema.every_version(), start=1))
#: (event type, version) → id
IDS: Final = {(history.event_type, version): id_ for id_, (history, version) in _NUMBERED}
_TEXTS: Final = {str(id_): avro_schema.text(history, version) for id_, (history, version) in _NUMBERED}


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # the name http.server calls
        text = _TEXTS.get(self.path.rpartition("/")[2])
        body = json.dumps({"schema": text}).encode()
        self.send_response(HTTPStatus.OK if text else HTTPStatus.NOT_FOUND)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002  # its name there


@contextmanager
def schema_source() -> Iterator[str]:
    """Its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
