"""A request that has arrived whole, as WSGI has it, and the answer to it, whole too."""

import io
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote_to_bytes

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]
Headers = list[tuple[bytes, bytes]]
_UNPREFIXED: Final = frozenset({"CONTENT_TYPE", "CONTENT_LENGTH"})


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """`of_head`: the body that a GET has is left out; its length is among the headers if the application knows it."""

    status: int
    headers: Headers
    body: bytes
    of_head: bool = False


def environ_of(scope: Mapping[str, Any], body: bytes) -> Environ:
    host, port = scope.get("server") or ("", None)
    raw_path: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(raw_path).decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "RAW_URI": (raw_path + (b"?" + query if query else b"")).decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "REMOTE_ADDR": (scope.get("client") or ("",))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if "_" in name:
            continue  # it would be the same as a header with a dash, which a proxy may have set
        key = name.upper().replace("-", "_")
        key = key if key in _UNPREFIXED else f"HTTP_{key}"
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def call(app: Wsgi, environ: Environ) -> HttpAnswer:
    begun: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        begun[:] = [(status, headers)]
        return io.BytesIO().write

    parts: Iterable[bytes] = app(environ, start_response)
    try:
        body = b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    status, headers = begun[0]
    of_head = environ["REQUEST_METHOD"] == "HEAD"
    ours = {"connection", "transfer-encoding"} | (set() if of_head else {"content-length"})
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers if name.lower() not in ours]
    return HttpAnswer(int(status.split(" ", 1)[0]), encoded, body, of_head)
