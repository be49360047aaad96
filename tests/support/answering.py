"""A server that gives everybody the same answer, whatever is asked: something else in the place of a neighbour."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from tests.support.http_server import address, http_server


@contextmanager
def answering(status: int, content_type: str, body: bytes) -> Iterator[str]:
    """Its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PUT = do_DELETE = do_HEAD = do_GET  # noqa: N815  # the server looks for these names

        def log_message(self, *_: object) -> None:
            return

    with http_server(Handler) as server:
        yield address(server)
